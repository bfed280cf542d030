// Islands with nothing in the other data: too small for a map at 1:10m, and without a place that is
// listed. By whom they are administered; roughly where they are.

// All within this of them is theirs.
export const ISLET_KM = 12;

/** [code, latitude, longitude] */
export const ISLETS = [
  ['AE', 24.78, 52.56],  // Arzanah
  ['AE', 25.14, 52.87],  // Das
  ['AE', 25.22, 54.23],  // Sir Abu Nuayr
  ['AE', 24.86, 53.08],  // Zirku
  ['AG', 16.94, -62.35],  // Redonda
  ['AU', -15.5, 123.15],  // Adele
  ['AU', -12.25, 123.05],  // Ashmore
  ['AU', -14.11, 123.55],  // Browse
  ['AU', -23.25, 155.53],  // Cato
  ['AU', -28.72, 113.83],  // Easter Group
  ['AU', -9.59, 143.77],  // Erub
  ['AU', -23.44, 151.91],  // Heron
  ['AU', -24.11, 152.72],  // Lady Elliot
  ['AU', -14.67, 145.45],  // Lizard
  ['AU', -9.75, 143.41],  // Masig
  ['AU', -17.4, 155.86],  // Mellish
  ['AU', -9.92, 144.06],  // Mer
  ['AU', -28.9, 113.95],  // Pelsaert
  ['AU', -10.05, 143.07],  // Poruma
  ['AU', -13.75, 126.15],  // Troughton
  ['AU', -20.65, 115.57],  // Varanus
  ['AU', -28.45, 113.7],  // Wallabi
  ['AU', -16.29, 149.96],  // Willis
  ['AX', 59.5, 20.35],  // Bogskar
  ['BR', -17.96, -38.7],  // Abrolhos
  ['BR', -3.867, -33.8],  // Rocas
  ['BS', 23.7, -80.4],  // Cay Sal
  ['BZ', 16.75, -87.8],  // Glover's Reef
  ['BZ', 17.25, -87.53],  // Lighthouse Reef
  ['CA', 47.2, -60.15],  // Saint Paul
  ['CC', -11.83, 96.82],  // North Keeling
  ['CK', -11.56, -165.41],  // Nassau
  ['CK', -18.05, -163.16],  // Palmerston
  ['CK', -13.25, -163.1],  // Suwarrow
  ['CL', -56.5, -68.7],  // Diego Ramirez
  ['CN', 9.55, 112.89],  // Fiery Cross
  ['CN', 30.86, 122.67],  // Huaniao
  ['CN', 9.91, 115.54],  // Mischief
  ['CN', 10.92, 114.08],  // Subi
  ['CO', 12.17, -81.85],  // Albuquerque Cays
  ['CO', 14.28, -80.36],  // Serrana
  ['CO', 15.8, -79.85],  // Serranilla
  ['CW', 11.99, -68.65],  // Klein Curacao
  ['EE', 59.82, 26.36],  // Vaindloo
  ['ES', 35.94, -3.03],  // Alboran
  ['ES', 39.9, 0.69],  // Columbretes
  ['FI', 59.78, 21.37],  // Uto
  ['FM', 9.23, 145.38],  // Gaferut
  ['FM', 7.69, 145.87],  // Olimarao
  ['FM', 7.5, 155.3],  // Oroluk
  ['FM', 8.1, 147.65],  // Pikelot
  ['FM', 10.02, 139.79],  // Ulithi
  ['FM', 8.09, 146.73],  // West Fayu
  ['FM', 7.37, 143.9],  // Woleai
  ['GB', 58.28, -7.59],  // Flannan
  ['GB', 59.12, -5.82],  // North Rona
  ['GB', 59.1, -6.16],  // Sula Sgeir
  ['GB', 59.08, -4.4],  // Sule Skerry
  ['ID', 4.73, 125.48],  // Marore
  ['IN', 11.6, 72.18],  // Bitra
  ['IO', -5.33, 71.85],  // Peros Banhos
  ['IR', 27.98, 50.17],  // Farsi
  ['IS', 63.3, -20.6],  // Surtsey
  ['JM', 17.4, -76],  // Morant Cays
  ['JM', 17.05, -77.78],  // Pedro Cays
  ['JP', 32.03, 128.38],  // Danjo
  ['JP', 20.42, 136.08],  // Okinotorishima
  ['KI', -3.58, -171.52],  // Birnie
  ['KI', -9.97, -150.22],  // Caroline
  ['KI', -3.6, -174.12],  // McKean
  ['KI', -10.06, -152.3],  // Vostok
  ['MH', 12.25, 170.1],  // Bikar
  ['MH', 11.52, 165.56],  // Bikini
  ['MH', 10.1, 169.55],  // Jemo
  ['MH', 11.35, 167.5],  // Rongerik
  ['MH', 9.08, 165.6],  // Ujae
  ['MH', 9.77, 160.97],  // Ujelang
  ['MU', -16.45, 59.6],  // Saint Brandon
  ['MX', 22.12, -91.4],  // Cayo Arenas
  ['MY', 2.45, 104.5],  // Aur
  ['MY', 7.37, 113.84],  // Swallow Reef
  ['NC', -19.9, 158.3],  // Chesterfield
  ['NC', -18.48, 163.08],  // Surprise
  ['NZ', -47.75, 179.03],  // Bounty
  ['NZ', -34.15, 172.14],  // Three Kings
  ['PF', -19.87, -145],  // Hereheretue
  ['PF', -16.55, -154.65],  // Manuae
  ['PF', -21.8, -154.7],  // Maria
  ['PF', -20.7, -143.05],  // Nukutepipi
  ['PF', -14.81, -138.81],  // Puka-Puka
  ['PF', -15.12, -148.23],  // Tikehau
  ['PG', -4.75, 155.4],  // Carteret
  ['PG', -1.53, 145.06],  // Hermit
  ['PG', -1.25, 144.3],  // Ninigo
  ['PG', -4.56, 159.42],  // Nukumanu
  ['PG', -4.75, 156.98],  // Takuu
  ['PH', 15.15, 117.76],  // Scarborough
  ['PH', 11.05, 114.28],  // Thitu
  ['QA', 25.67, 52.41],  // Halul
  ['RU', 77.5, 82.5],  // Uedineniya
  ['SB', -11.61, 169.85],  // Anuta
  ['SB', -5.52, 159.55],  // Ontong Java
  ['SB', -8.38, 162.9],  // Sikaiana
  ['SC', -10.07, 47.73],  // Astove
  ['SC', -3.72, 55.2],  // Bird
  ['SC', -5.7, 53.66],  // Desroches
  ['SC', -10.11, 51.18],  // Farquhar
  ['SC', -6.18, 53.14],  // Marie Louise
  ['SC', -5.75, 53.3],  // Poivre
  ['SC', -9.23, 51.03],  // Providence
  ['SC', -5.12, 53.32],  // Remire
  ['SG', 1.33, 104.4],  // Pedra Branca
  ['TN', 37.53, 8.93],  // Galite
  ['TV', -10.79, 179.47],  // Niulakita
  ['TW', 26.37, 120.49],  // Dongyin
  ['TW', 10.38, 114.37],  // Itu Aba
  ['TW', 25.63, 122.07],  // Pengjia
  ['TW', 20.7, 116.72],  // Pratas
  ['TW', 24.99, 119.45],  // Wuqiu
  ['US', 24.63, -82.87],  // Dry Tortugas
  ['US', 37.7, -123],  // Farallon
  ['US', 23.87, -166.28],  // French Frigate Shoals
  ['US', 27.86, -175.85],  // Pearl and Hermes
  ['VE', 11.38, -63.12],  // Testigos
  ['VN', 20.13, 107.73],  // Bach Long Vi
  ['VN', 8.64, 111.92],  // Spratly
  ['VU', -22.39, 172.09],  // Hunter
];

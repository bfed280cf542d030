export type Units = 'knots' | 'kmh' | 'mph';

interface UnitWords {
  label: string;
  speed: string;
  /** Metres a second in one unit of speed. */
  speedMps: number;
  far: string;
  /** Metres in one `far` unit. */
  farMetres: number;
  near: string;
  nearMetres: number;
}

const kUnits: Record<Units, UnitWords> = {
  knots: {
    label: 'Knots',
    speed: 'kn',
    speedMps: 1852 / 3600,
    far: 'nm',
    farMetres: 1852,
    near: 'm',
    nearMetres: 1,
  },
  kmh: {
    label: 'km/h',
    speed: 'km/h',
    speedMps: 1 / 3.6,
    far: 'km',
    farMetres: 1000,
    near: 'm',
    nearMetres: 1,
  },
  mph: {
    label: 'mph',
    speed: 'mph',
    speedMps: 0.44704,
    far: 'mi',
    farMetres: 1609.344,
    near: 'ft',
    nearMetres: 0.3048,
  },
};

export const kUnitChoices: readonly Units[] = ['knots', 'kmh', 'mph'];

export function unitsLabel(units: Units): string {
  return kUnits[units].label;
}

/** A figure and its unit, apart, because the page sets them in different sizes. */
export interface Figure {
  value: string;
  unit: string;
}

/** Metres a second in the visitor's unit, one decimal. */
export function formatSpeed(speedMps: number, units: Units): Figure {
  const words = kUnits[units];
  return { value: (speedMps / words.speedMps).toFixed(1), unit: words.speed };
}

export interface ScaleBar {
  text: string;
  widthPx: number;
}

/** The longest bar with a round length that fits into `maxPx`. */
export function scaleBar(metresPerPx: number, maxPx: number, units: Units): ScaleBar {
  const words = kUnits[units];
  const maxMetres = metresPerPx * maxPx;
  const isFar = maxMetres >= words.farMetres;
  const unitMetres = isFar ? words.farMetres : words.nearMetres;
  const length = roundDown(maxMetres / unitMetres);
  return {
    text: `${length.toLocaleString('en')} ${isFar ? words.far : words.near}`,
    widthPx: (length * unitMetres) / metresPerPx,
  };
}

function roundDown(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [5, 2]) if (value >= step * power) return step * power;
  return power;
}

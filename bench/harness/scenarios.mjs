// What is measured: each scenario runs once per server and repeat, on a fresh server.

/** The fan-out to 10,000 clients also shows what idle clients and handshakes cost. */
const memorySteps = ['--memory-at', '1000,9000'];

/**
 * So many publishers with a batch outstanding each: one that posts over HTTP waits for the answer
 * before its next batch, and alone would leave the server idle meanwhile.
 */
const outstanding = (publishers, batch) => ['--mode', 'saturated', '--publishers',
  String(publishers), '--window', String(batch), '--batch', String(batch)];

/**
 * @param {boolean} quick shorter phases, for a first look
 * @returns {{name: string, title: string, load: string[]}[]}
 */
export function scenarios(quick) {
  const phases = (warmup, duration) =>
    ['--warmup', String(quick ? warmup / 2 : warmup),
     '--duration', String(quick ? duration / 3 : duration),
     // Long, for slow servers and busy machines: a run that breaks off shows nothing.
     '--drain', '30'];
  return [
    {
      name: '1000-rate',
      title: '1,000 clients x 10/s',
      load: ['--clients', '1000', '--mode', 'rate', '--rate', '10', ...phases(1, 4)],
    },
    {
      name: '1000-saturated',
      title: '1,000 clients, saturated',
      load: ['--clients', '1000', ...outstanding(4, 32), ...phases(1, 3)],
    },
    {
      name: '10000-rate',
      title: '10,000 clients x 1/s',
      load: ['--clients', '10000', '--mode', 'rate', '--rate', '1', ...phases(1, 6),
             ...memorySteps],
    },
    {
      // Fewer outstanding: at the end they must still be delivered, which takes a slow server many
      // seconds with so many clients.
      name: '10000-saturated',
      title: '10,000 clients, saturated',
      load: ['--clients', '10000', ...outstanding(2, 16), ...phases(1, 3)],
    },
  ];
}

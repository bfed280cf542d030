// Columns that several studies show.

const PER_MILLI = 1000;
const MEGA = 1e6;

export const cpuPerMessage = {title: 'CPU per message, us', digits: 2,
  of: ({report}) => report.cpu_us_per_message ?? undefined};

export const deliveredPerSecond = {title: 'delivered/s',
  of: ({report}) => report.delivery.delivered_per_second};

/** Published and delivered to everybody who is to get it. */
export const publishedPerSecond = {title: 'notifications/s',
  of: ({report}) => report.delivery.published / report.delivery.seconds};

export const cpuPerNotification = {title: 'CPU per notification, us', digits: 2,
  of: ({report}) => report.server_cpu_s * MEGA / report.delivery.published};

export const p50 = {title: 'p50, ms', digits: 1,
  of: ({report}) => report.latency_us.p50 / PER_MILLI};
export const p99 = {title: 'p99, ms', digits: 1,
  of: ({report}) => report.latency_us.p99 / PER_MILLI};

export const peakMemory = {title: 'most memory, MB', digits: 1,
  of: ({report}) => report.peak_rss_bytes / MEGA};

export const bytesPerClient = {title: 'memory per client, B',
  of: ({report}) => report.bytes_per_client ?? undefined};

/** Of the largest step: the first one also warms the server up. */
export const handshakeCpu = {title: 'CPU per handshake, us', digits: 1, of: ({report}) => {
  const added = report.connect.map((step, i, all) => step.clients - (all[i - 1]?.clients ?? 0));
  return report.connect[added.indexOf(Math.max(...added))].cpu_us_per_handshake;
}};

/** A counter of the server, for servers that have one. */
export const metric = (name, title) => ({title, of: ({metrics}) => metrics?.[name]});

/** The same column as a ratio to a cell. */
export const ratio = (column, cell, title) => ({...column, title, ratioTo: cell, digits: 2});

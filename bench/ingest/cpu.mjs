import {readFileSync} from 'node:fs';

/** USER_HZ: what /proc counts processor time in. */
const TICKS = 100;

/** User and system time that a process has used so far. */
export function cpuSeconds(pid) {
  // The name in brackets may hold spaces; utime and stime are fields 14 and 15.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

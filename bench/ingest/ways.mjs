// How trackers push, and how many positions a request has.
import {idOf, trackerOf} from './trackers.mjs';

const KNOT = 1852 / 3600;

function osmand(request, token, n, time) {
  const {latitude, longitude, speed, course} = trackerOf(n, time);
  return request('GET', `/api/ingest/osmand?token=${token}&id=${idOf(n)}&lat=${latitude}&lon=` +
    `${longitude}&timestamp=${time / 1000}&speed=${(speed / KNOT).toFixed(2)}&bearing=${course}` +
    '&altitude=35&accuracy=5&batt=81');
}

function owntracks(request, token, n, time, count) {
  const messages = Array.from({length: count}, (_, i) => {
    const {latitude: lat, longitude: lon, course: cog} = trackerOf(n, time);
    return {_type: 'location', lat, lon, tst: time / 1000 + i, vel: 48, cog, alt: 35, acc: 5, batt: 81};
  });
  return request('POST', `/api/ingest/owntracks?token=${token}`, {body: JSON.stringify(messages)});
}

export const ways = {
  osmand: {title: 'OsmAnd, one a request', each: 1, request: osmand},
  owntracks: {title: 'OwnTracks, 100 a request', each: 100, request: owntracks},
};

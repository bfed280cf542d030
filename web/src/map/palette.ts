import { Status } from '../format/words.js';
import type { Theme } from '../model/preferences.js';

/** The map's colours; the page's own are in styles/tokens.css. */
export interface Palette {
  sea: string;
  land: string;
  coast: string;
  border: string;
  graticule: string;
  place: string;
  seaName: string;
  accent: string;
  casing: string;
  status: Record<Status, string>;
}

export const kPalettes: Record<Theme, Palette> = {
  dark: {
    sea: '#0b1219',
    land: '#172029',
    coast: '#33424f',
    border: '#2f3d4a',
    graticule: '#16212c',
    place: '#8595a3',
    seaName: '#4d6070',
    accent: '#7db8ff',
    casing: '#0b1219',
    status: {
      [Status.kMoving]: '#56c2f7',
      [Status.kStopped]: '#d9a04a',
      [Status.kOffline]: '#8c9baa',
      [Status.kUnknown]: '#8c9baa',
    },
  },
  light: {
    sea: '#dde6ec',
    land: '#f8f7f4',
    coast: '#b3c0c9',
    border: '#c6cdd1',
    graticule: '#d3dee5',
    place: '#5f6e7a',
    seaName: '#8499a8',
    accent: '#0a5fc4',
    casing: '#ffffff',
    status: {
      [Status.kMoving]: '#0069a8',
      [Status.kStopped]: '#a8620e',
      [Status.kOffline]: '#6b7985',
      [Status.kUnknown]: '#6b7985',
    },
  },
};

/** Red, green and blue from 0 to 1. */
export function parseColor(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [((value >> 16) & 255) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

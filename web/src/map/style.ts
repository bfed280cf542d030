import type {
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
  LineLayerSpecification,
  StyleSpecification,
  SymbolLayerSpecification,
} from 'maplibre-gl';

import type { Theme } from '../model/preferences.js';
import { graticule, seaNames } from './geodata.js';
import { kPalettes } from './palette.js';

export const kFont = 'Geist Variable';
/** Overlays of the selected tracker go below this layer, labels and markers above. */
export const kFirstLabelLayer = 'sea-names';

const kSourceMaxZoom = 9;

function isKind(kind: string): FilterSpecification {
  return ['==', ['get', 'kind'], kind];
}

/** Thousands of inhabitants a place needs to be named at a zoom. */
const kPopulationByZoom: ExpressionSpecification = [
  'step',
  ['zoom'],
  5000,
  3,
  2500,
  4,
  500,
  5,
  220,
  6,
  90,
  7,
  30,
  8,
  0,
];
/** Square degrees, doubled, that a country needs to be named at a zoom. */
const kAreaByZoom: ExpressionSpecification = ['step', ['zoom'], 800, 2, 250, 3, 90, 4, 25, 5, 0];

function label(
  id: string,
  source: string,
  filter: FilterSpecification | undefined,
  layout: SymbolLayerSpecification['layout'],
  color: string,
  halo: string,
): SymbolLayerSpecification {
  return {
    id,
    type: 'symbol',
    source,
    ...(filter ? { filter } : {}),
    layout: { 'text-field': ['get', 'name'], 'text-font': [kFont], 'text-padding': 2, ...layout },
    paint: { 'text-color': color, 'text-halo-color': halo, 'text-halo-width': 1.2 },
  };
}

function line(
  id: string,
  source: string,
  filter: FilterSpecification,
  paint: NonNullable<LineLayerSpecification['paint']>,
  minzoom = 0,
): LineLayerSpecification {
  return { id, type: 'line', source, filter, minzoom, paint };
}

function layers(theme: Theme): LayerSpecification[] {
  const colors = kPalettes[theme];
  return [
    { id: 'sea', type: 'background', paint: { 'background-color': colors.sea } },
    line('graticule-far', 'graticule', isKind('far'), { 'line-color': colors.graticule }),
    line('graticule-near', 'graticule', isKind('near'), { 'line-color': colors.graticule }, 4),
    {
      id: 'land',
      type: 'fill',
      source: 'world',
      filter: isKind('land'),
      paint: { 'fill-color': colors.land, 'fill-antialias': false },
    },
    line('border', 'world', isKind('border'), {
      'line-color': colors.border,
      'line-dasharray': [3, 2],
      'line-width': 1,
    }),
    line('coast', 'world', isKind('coast'), { 'line-color': colors.coast, 'line-width': 1 }),
    label(
      'sea-names',
      'seas',
      ['<=', ['get', 'zoom'], ['zoom']],
      {
        'text-size': 14,
        'text-letter-spacing': 0.14,
        'text-max-width': 7,
      },
      colors.seaName,
      colors.sea,
    ),
    {
      ...label(
        'countries',
        'world',
        ['>=', ['coalesce', ['get', 'area'], -1], kAreaByZoom],
        {
          'text-size': ['interpolate', ['linear'], ['zoom'], 2, 11, 5, 14],
          'text-letter-spacing': 0.08,
          'text-max-width': 8,
          'symbol-sort-key': ['-', 0, ['get', 'area']],
        },
        colors.seaName,
        colors.land,
      ),
      maxzoom: 6,
    },
    {
      ...label(
        'places',
        'places',
        ['>=', ['get', 'population'], kPopulationByZoom],
        {
          'text-size': ['interpolate', ['linear'], ['zoom'], 3, 11, 7, 13],
          'text-variable-anchor': ['left', 'right', 'top', 'bottom'],
          'text-radial-offset': 0.8,
          'text-justify': 'auto',
          'symbol-sort-key': ['-', 0, ['get', 'population']],
        },
        colors.place,
        colors.land,
      ),
      minzoom: 2.5,
    },
  ];
}

export interface SourceUrls {
  world: string;
  places: string;
}

/** The whole base map; no glyphs, so labels are drawn with the page's own font. */
export function baseStyle(theme: Theme, urls: SourceUrls): StyleSpecification {
  return {
    version: 8,
    sources: {
      graticule: { type: 'geojson', data: graticule(), maxzoom: kSourceMaxZoom },
      world: { type: 'geojson', data: urls.world, maxzoom: kSourceMaxZoom, tolerance: 0.3 },
      seas: { type: 'geojson', data: seaNames(), maxzoom: kSourceMaxZoom },
      places: { type: 'geojson', data: urls.places, maxzoom: kSourceMaxZoom },
    },
    layers: layers(theme),
    transition: { duration: 0, delay: 0 },
  };
}

/** Layer, paint property and value for each colour that depends on the theme. */
export function themePaint(theme: Theme): Array<[layer: string, property: string, value: unknown]> {
  return layers(theme).flatMap((layer) =>
    Object.entries(layer.paint ?? {})
      .filter(([property]) => property.endsWith('color'))
      .map(([property, value]): [string, string, unknown] => [layer.id, property, value]),
  );
}

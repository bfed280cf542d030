import { kOffset, kStride } from './marker-buffer.js';
import { kFragmentShader, kVertexShader } from './marker-shaders.js';

const kUniforms = [
  'u_center',
  'u_origin',
  'u_view',
  'u_world',
  'u_time',
  'u_ratio',
  'u_plain',
  'u_halo',
  'u_ring',
  'u_ping',
  'u_radius',
  'u_colors',
  'u_casing',
  'u_accent',
] as const;

export type MarkerUniform = (typeof kUniforms)[number];

/** What lives in one WebGL context and dies with it. */
export interface MarkerProgram {
  program: WebGLProgram;
  vertexArray: WebGLVertexArrayObject;
  vertices: WebGLBuffer;
  indices: WebGLBuffer;
  at: Record<MarkerUniform, WebGLUniformLocation | null>;
}

function compile(gl: WebGL2RenderingContext, type: number, source: string): WebGLShader {
  const shader = gl.createShader(type);
  if (!shader) throw new Error('no shader: the context is lost');
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  return shader;
}

function link(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  gl.attachShader(program, compile(gl, gl.VERTEX_SHADER, kVertexShader));
  gl.attachShader(program, compile(gl, gl.FRAGMENT_SHADER, kFragmentShader));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`marker shader: ${gl.getProgramInfoLog(program) ?? 'not linked'}`);
  }
  return program;
}

function describeAttributes(gl: WebGL2RenderingContext): void {
  const attributes: Array<[size: number, type: number, normalized: boolean, offset: number]> = [
    [4, gl.FLOAT, false, kOffset.previous],
    [4, gl.FLOAT, false, kOffset.current],
    [2, gl.FLOAT, false, kOffset.glide],
    [2, gl.UNSIGNED_SHORT, true, kOffset.courses],
    [2, gl.UNSIGNED_BYTE, false, kOffset.kind],
  ];
  attributes.forEach(([size, type, normalized, offset], index) => {
    gl.enableVertexAttribArray(index);
    gl.vertexAttribPointer(index, size, type, normalized, kStride, offset);
  });
}

export function createMarkerProgram(gl: WebGL2RenderingContext): MarkerProgram {
  const program = link(gl);
  const vertexArray = gl.createVertexArray();
  const vertices = gl.createBuffer();
  const indices = gl.createBuffer();
  gl.bindVertexArray(vertexArray);
  gl.bindBuffer(gl.ARRAY_BUFFER, vertices);
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, indices);
  describeAttributes(gl);
  gl.bindVertexArray(null);
  gl.bindBuffer(gl.ARRAY_BUFFER, null);
  const at = Object.fromEntries(
    kUniforms.map((name) => [name, gl.getUniformLocation(program, name)]),
  ) as MarkerProgram['at'];
  return { program, vertexArray, vertices, indices, at };
}

export function deleteMarkerProgram(gl: WebGL2RenderingContext, own: MarkerProgram): void {
  gl.deleteProgram(own.program);
  gl.deleteVertexArray(own.vertexArray);
  gl.deleteBuffer(own.vertices);
  gl.deleteBuffer(own.indices);
}

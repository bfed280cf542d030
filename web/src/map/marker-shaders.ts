/**
 * Each marker is one point. The centre of the view comes as high and low parts too; subtracting
 * them apart keeps whole pixels exact down to street level.
 */
export const kVertexShader = `#version 300 es
precision highp float;
layout(location = 0) in vec4 a_previous;
layout(location = 1) in vec4 a_current;
layout(location = 2) in vec2 a_glide;
layout(location = 3) in vec2 a_courses;
layout(location = 4) in vec2 a_kind;
uniform vec4 u_center;
uniform vec2 u_origin;
uniform vec2 u_view;
uniform float u_world;
uniform float u_time;
uniform float u_ratio;
uniform float u_plain;
uniform float u_halo;
uniform vec2 u_radius;
flat out float v_status;
flat out float v_half;
flat out vec2 v_turn;
flat out float v_pointed;

vec2 offsetFromCenter(vec4 point) {
  return (point.xy - u_center.xy) + (point.zw - u_center.zw);
}

void main() {
  float share = a_glide.y > 0.0 ? clamp((u_time - a_glide.x) / a_glide.y, 0.0, 1.0) : 1.0;
  float eased = share * (2.0 - share);
  vec2 offset = mix(offsetFromCenter(a_previous), offsetFromCenter(a_current), eased);
  vec2 pixel = u_origin + offset * u_world;
  gl_Position = vec4(pixel.x / u_view.x * 2.0 - 1.0, 1.0 - pixel.y / u_view.y * 2.0, 0.0, 1.0);
  float turn = a_courses.y - a_courses.x;
  turn -= floor(turn + 0.5);
  float angle = (a_courses.x + turn * eased) * 6.28318530718;
  v_turn = vec2(cos(angle), sin(angle));
  v_status = a_kind.x;
  bool pointed = a_kind.x > 2.5 && a_kind.y > 0.5 && u_plain < 0.5;
  v_pointed = pointed ? 1.0 : 0.0;
  float radius = u_plain > 0.5 ? 1.0 : pointed ? u_radius.x : u_radius.y;
  v_half = max(radius + (u_plain > 0.5 ? 0.5 : 2.5), u_halo);
  gl_PointSize = 2.0 * v_half * u_ratio;
}
`;

/** Shapes are distance fields in CSS pixels; the casing is the band just outside of them. */
export const kFragmentShader = `#version 300 es
precision highp float;
uniform float u_ratio;
uniform float u_plain;
uniform float u_halo;
uniform float u_ring;
uniform float u_ping;
uniform vec2 u_radius;
uniform vec3 u_colors[4];
uniform vec3 u_casing;
uniform vec3 u_accent;
flat in float v_status;
flat in float v_half;
flat in vec2 v_turn;
flat in float v_pointed;
out vec4 o_color;

float toSegment(vec2 p, vec2 a, vec2 b) {
  vec2 along = b - a;
  return length(p - a - along * clamp(dot(p - a, along) / dot(along, along), 0.0, 1.0));
}

float side(vec2 p, vec2 a, vec2 b) {
  return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
}

// Half of a symmetrical arrow head with a notch; y points backwards.
float arrow(vec2 p, float r) {
  vec2 q = vec2(abs(p.x), p.y);
  vec2 tip = vec2(0.0, -r);
  vec2 wing = vec2(0.76 * r, 0.82 * r);
  vec2 notch = vec2(0.0, 0.42 * r);
  float distance = min(toSegment(q, tip, wing), toSegment(q, wing, notch));
  bool inside = side(q, tip, wing) > 0.0 && side(q, wing, notch) > 0.0;
  return inside ? -distance : distance;
}

float coverage(float distance) {
  return clamp(0.5 - distance * u_ratio, 0.0, 1.0);
}

vec4 over(vec4 top, vec4 below) {
  return top + below * (1.0 - top.a);
}

vec4 marker(vec2 p) {
  int status = int(v_status + 0.5);
  vec3 color = u_colors[status];
  if (u_plain > 0.5) return vec4(color, 1.0) * coverage(length(p) - 1.0);
  float r = u_radius.y;
  float fill;
  float edge;
  if (v_pointed > 0.5) {
    vec2 turned = vec2(v_turn.x * p.x + v_turn.y * p.y, v_turn.x * p.y - v_turn.y * p.x);
    fill = arrow(turned, u_radius.x);
    edge = fill - 1.2;
  } else if (status >= 2) {
    fill = length(p) - r;
    edge = fill - 1.1;
  } else {
    float outline = status == 1 ? (abs(p.x) + abs(p.y) - r * 1.15) * 0.7071 : length(p) - r * 0.82;
    fill = abs(outline) - 0.65;
    edge = outline - 1.7;
  }
  vec4 casing = vec4(u_casing, 1.0) * coverage(edge);
  return over(vec4(color, 1.0) * coverage(fill), casing);
}

vec4 halo(vec2 p) {
  float distance = length(p);
  float strength = u_ring;
  vec4 disc = vec4(u_accent, 1.0) * (coverage(distance - 21.0) * 0.14 * strength);
  vec4 ring = vec4(u_accent, 1.0) * (coverage(abs(distance - 21.0) - 1.0) * strength);
  vec4 both = over(ring, disc);
  if (u_ping < 0.0) return both;
  float radius = 21.0 + 23.0 * u_ping;
  vec4 ping = vec4(u_accent, 1.0) * (coverage(abs(distance - radius) - 1.0) * (1.0 - u_ping));
  return over(both, ping);
}

void main() {
  vec2 p = (gl_PointCoord * 2.0 - 1.0) * v_half;
  vec4 color = marker(p);
  if (u_halo > 0.0) color = over(color, halo(p));
  if (color.a <= 0.0) discard;
  o_color = color;
}
`;

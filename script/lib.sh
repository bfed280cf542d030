# Functions shared by the commands in script/; sourced with the project's root as the directory.

stage() { printf '\n== %s\n' "$*" >&2; }
say() { printf '   %s\n' "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

node_is_usable() {
  command -v npm >/dev/null 2>&1 || return 1
  local major
  major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null) || return 1
  [ "$major" -ge 18 ]
}

# The names among the arguments that are not installed.
missing_packages() {
  local installed
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
    awk '$2 == "installed" {print $1}') || true  # unknown names make dpkg-query fail
  comm -23 <(printf '%s\n' "$@" | sort -u) <(printf '%s\n' "$installed" | sort -u)
}

install_packages() {
  local missing as_root=()
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  stage "Installing ${#missing[@]} Debian packages: ${missing[*]}"
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 ||
      fail "not root and no sudo; have an administrator run: apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive)
  mkdir -p build
  "${as_root[@]}" apt-get update -qq >build/apt.log 2>&1 || apt_failed "apt-get update failed"
  "${as_root[@]}" apt-get install -y -q --no-remove --no-install-recommends "${missing[@]}" 2>&1 |
    tee -a build/apt.log | apt_progress ||
    apt_failed "the packages could not be installed beside those that are there (nothing was \
removed); libboost1.81-dev, for one, cannot stand beside libboost-dev"
}

apt_failed() {
  tail -n 20 build/apt.log >&2
  fail "$1"
}

# A line now and then of how far apt-get is: each package is unpacked, then set up. Read by the
# shell, because Debian's awk holds its input back.
apt_progress() {
  local line total=0 steps=0
  while IFS= read -r line; do
    case "$line" in
      *' newly installed'*) total=${line#*upgraded, }; total=$((2 * ${total%% *})) ;;
      'Unpacking '* | 'Setting up '*)
        steps=$((steps + 1))
        if [ $((steps % 50)) = 0 ]; then say "$steps of $total steps"; fi ;;
    esac
  done
}

# A fingerprint of all files below the arguments, but for what npm and builds put there.
fingerprint() {
  find "$@" \( -name node_modules -o -name dist \) -prune -o -type f -print0 | sort -z |
    xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

# Runs "$3…" unless it has run before for the same fingerprint "$2" of its input.
once_per() {
  local stamp=build/stamps/$1 print=$2
  shift 2
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$print" ]; then return 0; fi
  "$@"
  mkdir -p build/stamps
  printf '%s\n' "$print" >"$stamp"
}

npm_ci() {
  stage "Installing the npm packages of $1"
  (cd "$1" && npm ci --no-fund --no-audit --loglevel=error)
}

install_modules() {
  [ -d "$1/node_modules" ] || rm -f "build/stamps/npm-${1//\//-}"
  once_per "npm-${1//\//-}" "$(sha256sum <"$1/package-lock.json")" npm_ci "$1"
}

npm_build_page() {
  stage "Building the web page"
  npm --prefix web run --silent build -- --outDir ../build/release/web --emptyOutDir
  npm --prefix web/docs run --silent build -- ../../build/release/web/docs
  npm --prefix web/graphiql run --silent build -- ../../build/release/web/graphiql
}

build_page() {
  [ -d build/release/web ] || rm -f build/stamps/page
  once_per page "$(fingerprint web)" npm_build_page
}

# What `trackwire` finds as build/<preset>/socket.io-client, which CMake links to it: the client for
# browsers, as the page's lock file names it.
copy_client_files() {
  local package=web/node_modules/socket.io-client
  rm -rf build/socket.io-client
  mkdir -p build/socket.io-client
  cp "$package"/dist/socket.io*.js "$package"/dist/socket.io*.js.map "$package"/LICENSE \
    build/socket.io-client/
}

build_client_files() {
  [ -f build/socket.io-client/socket.io.min.js ] || rm -f build/stamps/client-files
  once_per client-files "$(sha256sum <web/package-lock.json)" copy_client_files
}

make_geodata() {
  stage "Making the offline index of places"
  node geodata/build.mjs "build/geodata/$1" "${@:2}"
}

# What `trackwire` finds as build/<preset>/geocoding.bin, which CMake links to it.
build_geodata() {
  [ -f build/geodata/geocoding.bin ] || rm -f build/stamps/geodata
  once_per geodata "$(fingerprint geodata)" make_geodata geocoding.bin
}

# The index that is measured: points of the test set are left out of it.
build_measured_geodata() {
  local points=tests/data/geocoding-points.csv
  [ -f build/geodata/geocoding-measured.bin ] || rm -f build/stamps/geodata-measured
  once_per geodata-measured "$(fingerprint geodata "$points")" \
    make_geodata geocoding-measured.bin "$points"
}

build_libraries() {
  local log
  log=$(cmake -S . -B build/libraries -G Ninja -DTRACKWIRE_PROGRAM=OFF 2>&1) ||
    { printf '%s\n' "$log" >&2; fail "cmake failed"; }
  NINJA_STATUS='   [%f/%t, %es] ' ninja -C build/libraries -j "$(nproc)" 2>&1 |
    compile_progress libraries || fail "the build failed"
}

# build_programs PRESET TARGET...: `all` and programs of tests take the tests and benchmarks in,
# anything else leaves the configuration as it is, or starts one without them (their packages may
# not be there).
build_programs() {
  local log extras=OFF
  case "$2" in all | *_tests) extras=ON ;; esac
  if [ ! -f "build/$1/build.ninja" ] ||
    { [ $extras = ON ] && ! grep -q '^TRACKWIRE_TESTS:BOOL=ON' "build/$1/CMakeCache.txt"; }; then
    stage "Configuring build/$1"
    log=$(cmake --preset "$1" -DTRACKWIRE_TESTS=$extras 2>&1) ||
      { printf '%s\n' "$log" >&2; fail "cmake failed"; }
  fi
  NINJA_STATUS='   [%f/%t, %es] ' ninja -C "build/$1" -j "$(nproc)" "${@:2}" 2>&1 |
    compile_progress "$1" || fail "the build failed"
}

# What ninja says, once there is something to do.
compile_progress() {
  local line announced=no
  while IFS= read -r line; do
    case "$line" in 'ninja: Entering'* | 'ninja: no work'* | *'Re-checking globbed'*) continue ;; esac
    if [ $announced = no ]; then stage "Compiling ($1; the first time takes some minutes)"; fi
    announced=yes
    printf '%s\n' "$line" >&2
  done
}

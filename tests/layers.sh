#!/usr/bin/env bash
# Each layer includes only itself and what stands below it: the rule of docs/architecture.md.
set -u
cd "$1/src" || exit 2
declare -A below=(
  [base]="" [net]="base" [engineio]="net base" [socketio]="engineio net base"
  [broker]="net base" [cluster]="socketio broker engineio net base" [tracking]="base" [formats]="tracking base" [store]="tracking base" [outbound]="net base" [auth]="broker net base"
  [geocoding]="broker outbound net base" [ingest]="store broker tracking net base"
  [notify]="ingest geocoding auth outbound socketio store broker tracking engineio net base" [graphql]="base"
  [api]="graphql formats notify geocoding outbound ingest auth socketio store broker tracking engineio net base"
  [fetcher]="ingest formats outbound store broker tracking net base" [gateway]="*" [cli]="*"
)
failed=0
for layer in *; do
  [ -d "$layer" ] || continue
  if [ -z "${below[$layer]+known}" ]; then
    echo "src/$layer is not a layer"; failed=1; continue
  fi
  allowed=" $layer ${below[$layer]} "
  [ "${below[$layer]}" = "*" ] && continue
  while IFS=: read -r file line text; do
    target=${text#*\"}; target=${target%%/*}
    case "$allowed" in *" $target "*) ;; *) echo "$file:$line: $layer may not include $target"; failed=1 ;; esac
  done < <(grep -rnE '^#include "[a-z]+/' "$layer")
done
# Parts that must serve programs without trackers.
if grep -rniE 'tracker' base net outbound engineio socketio broker cluster auth graphql geocoding 2>/dev/null; then
  echo "the word tracker above belongs to the tracking layers"; failed=1
fi
exit $failed

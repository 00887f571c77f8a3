#!/usr/bin/env bash
# How much processor time the open window takes while nothing happens, and how long it takes to its first frame, in a
# real window under Xvfb. Prints figures, passes or fails nothing.
#
#   tests/bench/idle_cpu.sh [build/release/bin/tconv-studio] [seconds]
set -euo pipefail
studio=${1:-build/release/bin/tconv-studio}
seconds=${2:-10}
work=$(mktemp -d)
pid=
server=
trap 'kill $pid $server 2>/dev/null || true; rm -rf "$work"' EXIT

exec 3<>"$work/display"
Xvfb -displayfd 3 -screen 0 1440x900x24 -noreset 2>/dev/null &
server=$!
for _ in $(seq 100); do
  number=$(head -n 1 "$work/display")
  [ -n "$number" ] && break
  sleep 0.1
done
export DISPLAY=":$number"

XDG_STATE_HOME="$work/state" "$studio" --timing >"$work/out" 2>&1 &
pid=$!
sleep 6 # the opening example paints itself, then all is quiet
cat "$work/out"
ticks() { awk '{print $14 + $15}' "/proc/$pid/stat"; }
before=$(ticks)
sleep "$seconds"
after=$(ticks)
awk -v t=$((after - before)) -v hz="$(getconf CLK_TCK)" -v s="$seconds" \
  'BEGIN { printf "idle for %d s: %.3f s of processor time, %.2f %%\n", s, t / hz, 100 * t / hz / s }'

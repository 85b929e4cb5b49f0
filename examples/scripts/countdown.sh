#!/bin/sh
# Counts down and cleans up when it is told to stop: troupe run countdown.sh -- 10
trap 'echo "stopped early"; exit 1' TERM INT
n=${1:-5}
while [ "$n" -gt 0 ]; do
  echo "$n"
  n=$((n - 1))
  sleep 1 &
  wait $!
done
echo "lift-off"

#!/usr/bin/env bash
# Runs the benchmarks of a build: run.sh BIN_FOLDER [NAME...]. One JSON line a figure; names choose figures or programs.
set -euo pipefail

bin="${1:?run.sh BIN_FOLDER [NAME...]}"
shift
programs=(local_bench remote_bench creation_bench programs_bench runs_bench warm_bench move_bench bridge_bench venv_bench
          scripts_bench static_bench link_bench)
code=0 ran=
for program in "${programs[@]}"; do
  [ -x "$bin/$program" ] || continue
  names=("$@")
  if [ $# -gt 0 ]; then
    for name in "$@"; do
      [ "$name" != "$program" ] || names=()
    done
    # The bench of links knows no names: it runs when it is named itself, or when nothing is.
    [ "$program" != link_bench ] || [ ${#names[@]} -eq 0 ] || continue
  fi
  ran=yes
  "$bin/$program" ${names[@]+"${names[@]}"} || { code=1; echo "run.sh: $program failed" >&2; }
done
[ -n "$ran" ] || { echo "run.sh: no benchmark programs in $bin; build the target benchmarks" >&2; exit 1; }
exit $code

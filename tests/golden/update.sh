#!/usr/bin/env bash
# Makes the golden pictures and files of this folder anew with a built program: tests/golden/update.sh [BUILD_FOLDER]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${1:-$root/build/release}
cmake --build "$build" --target tests_golden tests_cli
export TCONV_UPDATE_GOLDEN=1
"$build/tests/tests_golden" --gtest_brief=1
"$build/tests/tests_cli" --gtest_filter='Reproducible.FilesAreAsBefore' --gtest_brief=1
git -C "$root" status --short -- tests/golden

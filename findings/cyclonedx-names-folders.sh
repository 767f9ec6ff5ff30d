#!/bin/sh
# What: the list of components that cargo-cyclonedx writes (an SBOM, made to be given away with a release) names the folder of
#   the builder's computer for each crate that the workspace names by path, in `bom-ref` and in the dependency graph. The
#   `purl` of the same component is relative. It writes a list next to each Cargo.toml of the workspace, not only of the one
#   that is asked for.
# Versions: cargo-cyclonedx 0.5.9.
# Seen: a workspace of two crates in a folder called jane-doe: asked for app, both crates get a list; app's names the folder
#   in 6 places.
# Fails if the folder is no longer named, or only one list is written.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export CARGO_TARGET_DIR="$folder/target" CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off
cargo install --quiet --locked --root "$folder/tools" cargo-cyclonedx --version 0.5.9
work="$folder/jane-doe"
mkdir -p "$work/app/src" "$work/part/src"
cd "$work"
cat > Cargo.toml <<'END'
[workspace]
resolver = "2"
members = ["app", "part"]
END
for crate in app part; do
  printf '[package]\nname = "%s"\nversion = "0.1.0"\nedition = "2021"\n' "$crate" > "$crate/Cargo.toml"
  touch "$crate/src/lib.rs"
done
printf '[dependencies]\npart = { path = "../part" }\n' >> app/Cargo.toml
PATH="$folder/tools/bin:$PATH" cargo cyclonedx --quiet --format json --manifest-path app/Cargo.toml
said="$(ls */*.json | wc -l) lists, $(grep -o 'file://[^"]*jane-doe' app/app.cdx.json | wc -l) places"
echo "$said"
test "$said" = "2 lists, 6 places"

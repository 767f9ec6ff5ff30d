"""Prints what trimesh reads in surfaces, as a JSON list with an object for each file: check_surfaces.py FILE…"""

import json
import sys

import trimesh


def described(path):
    # Readers of STL have to join the corners of its triangles by their place.
    mesh = trimesh.load_scene(path).to_mesh()
    return {
        "closed": bool(mesh.is_watertight and mesh.is_winding_consistent),
        "outwards": bool(mesh.is_volume),
        "volume": float(mesh.volume),
        "bounds": mesh.bounds.tolist(),
        "bodies": int(mesh.body_count),
        "colours": [list(map(int, colour[:3])) for colour in sorted({tuple(c) for c in mesh.visual.vertex_colors.tolist()})]
        if mesh.visual.kind == "vertex" else [],
    }


print(json.dumps([described(path) for path in sys.argv[1:]]))

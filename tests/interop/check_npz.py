"""Prints the arrays of an NPZ file as NumPy reads them, as JSON: type, shape, elements in C order."""

import json
import sys

import numpy as np

with np.load(sys.argv[1], allow_pickle=False) as arrays:
    found = {
        name: {
            "dtype": array.dtype.str,
            "shape": array.shape,
            "values": array.ravel().tolist(),
        }
        for name, array in arrays.items()
    }
print(json.dumps(found))

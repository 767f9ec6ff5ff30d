"""Prints what pycocotools reads in a COCO file, as JSON: for each annotation its slice, file name,
category, area and box, as stored and as pycocotools computes them, and the mask row by row."""

import contextlib
import json
import sys

from pycocotools import mask as codes
from pycocotools.coco import COCO

with contextlib.redirect_stdout(sys.stderr):
    coco = COCO(sys.argv[1])
found = []
for annotation in coco.loadAnns(coco.getAnnIds(iscrowd=False)):
    image = coco.imgs[annotation["image_id"]]
    code = coco.annToRLE(annotation)
    found.append(
        {
            "image": image["id"],
            "file": image["file_name"],
            "category": coco.cats[annotation["category_id"]]["name"],
            "area": [annotation["area"], int(codes.area(code))],
            "bbox": [annotation["bbox"], codes.toBbox(code).astype(int).tolist()],
            "mask": coco.annToMask(annotation).ravel().tolist(),
        }
    )
print(json.dumps(found))

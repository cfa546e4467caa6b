"""Inputs and expectations of lava-dl.test; see there."""

import re
import sys

import numpy as np


def folder(shared):
    return shared + "/snn/lava_dl/pilotnet_lif/"


def load(shared, name):
    """A record (x, y, c, t) or (n, t) as (t, c, y, x) or (t, n)."""
    array = np.load(folder(shared) + name + ".npy")
    return array.transpose(tuple(range(array.ndim))[::-1])


# Layer, file, and the step before which it is cleared first.
LAYERS = [("input0", "input", 0), ("conv1", "conv-0", 1),
          ("conv2", "conv-1", 2), ("conv3", "conv-2", 3),
          ("conv4", "conv-3", 4), ("conv5", "conv-4", 5),
          ("dense7", "fc-0", 6), ("dense8", "fc-1", 7), ("dense9", "fc-2", 8)]


def mnist_input(shared, target):
    pixels = np.load(shared + "/inputs/mnist200/images_u8_200x28x28.npy")
    drive = pixels.reshape(200, 784) / 255.0
    membrane = np.zeros_like(drive)
    spikes = np.zeros((200, 32, 784), np.uint8)
    for step in range(32):
        membrane = membrane + drive
        spikes[:, step] = membrane > 1
        membrane[membrane > 1] = 0
    np.save(target, spikes)


def mnist_counts(path):
    activity = np.load(path, allow_pickle=False)
    counts = [activity["sample_totals/" + name].sum() / 200
              for name in ("input", "dense0", "dense1", "dense2")]
    assert [round(float(c), 3) for c in counts] == \
        [1755.57, 820.895, 758.615, 35.885], counts


def pilot_input(shared, spikes, image):
    np.save(spikes, load(shared, "input")[None].astype(np.uint8))
    # The record is 40·x + 36 already.
    raw = np.load(folder(shared) + "image.npy").transpose(2, 1, 0)
    np.save(image, ((raw - 36) / 40)[None].astype(np.float32))


def pilot_clear(source, target):
    offsets = {name: offset for name, _, offset in LAYERS}
    lines = []
    for line in open(source):
        found = re.search(r"cuba_lif @(\w+)\(", line)
        if found and found.group(1) in offsets:
            line = line.replace(
                "arithmetic = <", "clear_period = 17, clear_offset = "
                f"{offsets[found.group(1)]}, arithmetic = <")
        lines.append(line)
    open(target, "w").writelines(lines)


def compare(what, ours, theirs, mask=None):
    wrong = ours.reshape(theirs.shape) != theirs
    if mask is not None:
        wrong &= mask
    assert not wrong.any(), f"{what}: {wrong.sum()} of {wrong.size} differ"


def pilot_check(shared, path):
    record = np.load(path, allow_pickle=False)
    for layer, name, _ in LAYERS[1:]:
        spikes = load(shared, name)
        compare(layer, record[layer][0], spikes)
        if layer == "conv1":
            continue
        compare(layer + ".i", record[layer + ".i"][0], load(shared, name + "-u"))
        # Lava's probe shows another number in the step of a spike.
        compare(layer + ".v", record[layer + ".v"][0], load(shared, name + "-v"),
                ~spikes)


def pilot_image_check(shared, path):
    record = np.load(path, allow_pickle=False)
    compare("input0", record["input0"][0], load(shared, "input"))


globals()[sys.argv[1].replace("-", "_")](*sys.argv[2:])

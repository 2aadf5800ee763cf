"""What we compare with, one file each."""

from peers.adam import published_adam
from peers.dice import dice_genetic, dice_kdtree, dice_random
from peers.random_search import numpy_search
from peers.swarm import published_swarm
from peers.treecf_rust import treecf_default, treecf_sparse

__all__ = ["PEERS"]

# Name → (method, whether it works on one-hot columns)
PEERS = {
    "published Adam": (published_adam, True),
    "published swarm": (published_swarm, True),
    "DiCE random": (dice_random, False),
    "DiCE genetic": (dice_genetic, False),
    "DiCE kdtree": (dice_kdtree, False),
    "treecf": (treecf_default, True),
    "treecf, sparse": (treecf_sparse, True),
    "numpy search": (numpy_search, False),
}

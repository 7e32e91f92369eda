"""What connected components over string edges cost: wayfare beside scipy with the interning that it needs.

    pip install -r requirements.txt                    # and the wheel of wayfare
    python identity_peers.py                           # 10 M edges, short keys and long ones
    python identity_peers.py --edges 1_000_000 --runs 5

Seconds of cpu, the best of several runs, all in one process, from an Arrow table of two text columns to the person of
every identifier. scipy wants numbers: the text is interned by what is quickest of pandas.factorize, numpy.unique and
pyarrow's dictionary_encode. The persons of both are compared, label by label.
"""

import argparse

import numpy as np
import pandas as pd
import pyarrow as pa
import wayfare
from measure import best
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

RULES = {"identifiers": {"cookie": {}}}
COLUMNS = {"one": "cookie", "other": "cookie"}


def edges(number, keys, seed=7):
    """Edges within people of four identifiers each, five edges a person, in any order."""
    dice = np.random.default_rng(seed)
    nodes = max(number // 5, 1) * 4
    person = dice.integers(0, nodes // 4, number) * 4
    ends = person + dice.integers(0, 4, (2, number))
    mixed = dice.permutation(nodes)
    ends = mixed[ends]
    if keys == "short":
        name = np.char.add("c", np.arange(nodes).astype(str))
    else:
        halves = dice.integers(0, 1 << 62, (2, nodes))
        name = np.array([f"{a:016x}-{b:016x}" for a, b in halves.T.tolist()])
    words = pa.array(name, pa.string())
    return pa.table({"one": words.take(pa.array(ends[0])), "other": words.take(pa.array(ends[1]))})


def components(codes, values, number):
    one, other = codes[:number], codes[number:]
    graph = coo_matrix((np.ones(number, np.int8), (one, other)), (len(values), len(values)))
    return connected_components(graph, directed=False)[1]


def by_pyarrow(table):
    both = pa.concat_arrays([chunk for column in table.columns for chunk in column.chunks]).dictionary_encode()
    values = both.dictionary
    return values, components(both.indices.to_numpy(), values, table.num_rows)


def by_factorize(objects):
    codes, values = pd.factorize(objects)
    return values, components(codes, values, len(objects) // 2)


def by_unique(texts):
    values, codes = np.unique(texts, return_inverse=True)
    return values, components(codes, values, len(texts) // 2)


def by_wayfare(table):
    return wayfare.IdentityGraph(RULES).resolve(table, columns=COLUMNS)


def same(persons, values, labels):
    """Whether two ways to part the same identifiers are one."""
    found = dict(zip(values.to_pylist(), labels.tolist(), strict=True))
    named = np.array([found[value] for value in persons.column("identifier").to_pylist()])
    person = persons.column("person").combine_chunks().dictionary_encode().indices.to_numpy()
    pairs = len(np.unique(np.stack([named, person]), axis=1)[0])
    return len(found) == len(named) and pairs == len(np.unique(named)) == len(np.unique(person))


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--edges", type=int, default=10_000_000)
    asked.add_argument("--runs", type=int, default=3)
    asked.add_argument("--slow", action="store_true", help="numpy.unique as well, which takes minutes of many edges")
    asked = asked.parse_args()
    for keys in ("short", "long"):
        table = edges(asked.edges, keys)
        ours, resolution = best(lambda: by_wayfare(table), asked.runs)  # noqa: B023
        peers = {}
        peers["scipy, pyarrow"], (values, labels) = best(lambda: by_pyarrow(table), asked.runs)  # noqa: B023
        persons = labels.max() + 1
        assert resolution.report["persons"] == persons, (resolution.report, persons)
        if asked.edges <= 1_000_000:
            assert same(resolution.persons, values, labels)
        objects = pd.concat([table.column(name).to_pandas().astype(object) for name in table.column_names]).to_numpy()
        peers["scipy, pandas.factorize"] = best(lambda: by_factorize(objects), asked.runs)[0]  # noqa: B023
        if asked.slow:
            peers["scipy, numpy.unique"] = best(lambda: by_unique(objects.astype(str)), 1)[0]  # noqa: B023
        nodes = resolution.report["identifiers"]
        print(f"\n{asked.edges:,} edges, {keys} keys, {nodes:,} identifiers, {persons:,} persons")
        print(f"  {'wayfare':26}{ours:8.2f} s")
        for name, seconds in sorted(peers.items(), key=lambda peer: peer[1]):
            print(f"  {name:26}{seconds:8.2f} s  {seconds / ours:6.1f}x")


if __name__ == "__main__":
    main()

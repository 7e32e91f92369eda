"""What attribution costs in Python: Markov chains beside ChannelAttribution, Shapley values beside numpy.

    pip install -r requirements.txt                    # and the wheel of wayfare
    python attribution_peers.py                        # 2 M path strings, 12 channels; a rate game of 20
    python attribution_peers.py --paths 200_000 --runs 3

Seconds of cpu, the best of several runs, each in the same process. A Markov row is all of it: from the column of
strings to the table of credits.
"""

import argparse
import importlib.metadata

import numpy as np
import pandas as pd
import pyarrow as pa
import wayfare
from measure import best, show
from wayfare import attribution

CHANNELS = [
    "affiliate", "app push", "call centre", "direct", "display", "e-mail",
    "organic search", "paid search", "paid social", "referral", "store", "video",
]  # fmt: skip


def path_strings(count, seed=1):
    """Paths as customers go them: some channels are met more often, and few paths convert."""
    dice = np.random.default_rng(seed)
    weights = 1 / np.arange(1, len(CHANNELS) + 1)
    lengths = np.minimum(dice.geometric(0.2, count), 40)
    codes = dice.choice(len(CHANNELS), lengths.sum(), p=weights / weights.sum())
    names = np.array(CHANNELS, dtype=object)[codes]
    ends = np.cumsum(lengths)
    texts = [" > ".join(names[end - length : end]) for end, length in zip(ends, lengths, strict=True)]
    converted = dice.random(count) < 0.02 + 0.004 * np.minimum(lengths, 10)
    value = np.where(converted, np.round(dice.gamma(2, 40, count), 2), 0.0)
    return pd.DataFrame(
        {
            "path": texts,
            "conversions": converted.astype(np.int64),
            "value": value,
            "nulls": (~converted).astype(np.int64),
        }
    )


def markov(frame, order, runs, peer_runs):
    import ChannelAttribution

    table = pa.Table.from_pandas(frame, preserve_index=False)

    def of_strings():
        columns = (table[name] for name in ("path", "conversions", "value", "nulls"))
        return attribution.markov(wayfare.Paths.from_strings(*columns), order=order)

    def of_pandas():
        columns = (frame[name] for name in ("path", "conversions", "value", "nulls"))
        return attribution.markov(wayfare.Paths.from_strings(*columns), order=order)

    def peer():
        return ChannelAttribution.markov_model(
            frame,
            "path",
            "conversions",
            var_value="value",
            var_null="nulls",
            order=order,
            flg_pro=False,
            verbose=False,
        )

    ours, found = best(of_strings, runs)
    pandas, _ = best(of_pandas, runs)
    theirs, other = best(peer, peer_runs)
    show(f"Markov of order {order} from {len(frame):,} path strings", ours, {"ChannelAttribution": theirs})
    print(f"  from columns of pandas {pandas:.4f} s  {theirs / pandas:.1f}x")
    result = other["result"] if isinstance(other, dict) else other
    credits = dict(zip(result["channel_name"], result["total_conversions"], strict=True))
    words, exact = found["channel"].to_pylist(), found["conversions"].to_pylist()
    apart = sum(abs(credits[word] - value) for word, value in zip(words, exact, strict=True))
    print(f"  its credits are {apart / sum(exact):.2%} off the exact ones (L1)")


def numpy_shapley(conversions, paths, players):
    """Zeta transform of the counts, Moebius transform of the rates, and each dividend in equal parts."""
    shape = (2,) * players
    won, all_ = (np.array(counts, dtype=np.float64).reshape(shape) for counts in (conversions, paths))
    for table in (won, all_):
        for axis in range(players):
            low, high = (tuple(part if at == axis else slice(None) for at in range(players)) for part in (0, 1))
            table[high] += table[low]
    rates = np.divide(won, all_, out=np.zeros_like(won), where=all_ > 0)
    for axis in range(players):
        low, high = (tuple(part if at == axis else slice(None) for at in range(players)) for part in (0, 1))
        rates[high] -= rates[low]
    dividends = rates.reshape(-1)
    sizes = np.bitwise_count(np.arange(1 << players, dtype=np.uint32))
    shares = np.divide(dividends, sizes, out=np.zeros_like(dividends), where=sizes > 0).reshape(shape)
    return [shares[tuple(1 if at == axis else slice(None) for at in range(players))].sum() for axis in range(players)]


def shapley(players, runs, count=100_000):
    dice = np.random.default_rng(3)
    sets = np.unique(dice.integers(1, 1 << players, count))
    conversions, nulls = dice.integers(0, 5, sets.size), dice.integers(1, 40, sets.size)
    names = [f"c{player:02}" for player in range(players)]
    texts = [" > ".join(name for at, name in enumerate(names) if which >> at & 1) for which in sets.tolist()]
    paths = wayfare.Paths.from_strings(pa.array(texts), pa.array(conversions), nulls=pa.array(nulls))
    whole, found = best(lambda: attribution.shapley(paths, game="rate"), runs)
    dense = [np.zeros(1 << players) for _ in range(2)]
    dense[0][sets], dense[1][sets] = conversions, conversions + nulls
    # Axis 0 of an array is the highest bit of its flat index.
    theirs, peer = best(lambda: numpy_shapley(*dense, players)[::-1], runs)
    show(
        f"rate game of {players} channels, {sets.size:,} sets of channels",
        whole,
        {"numpy, from the dense table": theirs},
    )
    apart = max(abs(one - other) for one, other in zip(found["shapley_value"].to_pylist(), peer, strict=True))
    print(f"  greatest difference {apart:.1e}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--paths", type=int, default=2_000_000)
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--peer-runs", type=int, default=2)
    asked = arguments.parse_args()
    print(f"ChannelAttribution {importlib.metadata.version('ChannelAttribution')}, numpy {np.__version__}")
    shapley(20, asked.runs)
    frame = path_strings(asked.paths)
    for order in (1, 2):
        markov(frame, order, asked.runs, asked.peer_runs)


if __name__ == "__main__":
    main()

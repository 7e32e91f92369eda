"""The published estimates and predictions of the CDNOW sample as vectors.

    python tests/reference-numbers/lifetime_published.py FOLDER > tests/vectors/lifetime_published.json

FOLDER holds `lifetime_predictions.csv` and `lifetime_gamma_gamma.csv`: per-customer values at published and at exact
parameters in 40-digit arithmetic. Sources: Fader, Hardie and Lee 2005 (`paper`, BG/NBD), the R package BTYDplus
(`btydplus`, MBG/NBD), Fader and Hardie 2013 (`paper`, Gamma-Gamma).
"""

import csv
import json
import pathlib
import sys

MODELS = {"bgnbd": ("bg_nbd", ["r", "alpha", "a", "b"]), "mbgnbd": ("mbg_nbd", ["r", "alpha", "a", "b"])}
WEEKS = {"cet_1w": 7, "cet_39w": 273, "cet_52w": 364}


def transactions(rows):
    for row in rows:
        if row["model"] not in MODELS:
            continue
        model, names = MODELS[row["model"]]
        params = {name: float(row[f"p{place}"]) for place, name in enumerate(names, 1)}
        made = {"name": f"{model}_{row['param_set']}_{row['case']}", "model": model, "period_days": 7, "params": params}
        if row["case"].startswith("new_customer"):
            weeks = int(row["case"].split("(")[1].split("w")[0])
            made["name"] = f"{model}_{row['param_set']}_new_customer_{weeks}_weeks"
            value = next(row[name] for name in [*WEEKS, "loglik", "p_alive"] if row[name])
            made["row"] = {"frequency": 0, "recency": 0.0, "age": 0.0, "monetary_value": 0.0}
            made["expect"] = [{"measure": "expected_transactions", "days": 7 * weeks, "value": float(value)}]
        else:
            made["row"] = {
                "frequency": int(row["x"]),
                "recency": int(row["t_x_days"]) / 7,
                "age": int(row["T_days"]) / 7,
                "monetary_value": 0.0,
            }
            made["expect"] = [
                {"measure": "log_likelihood", "value": float(row["loglik"])},
                {"measure": "probability_alive", "value": float(row["p_alive"])},
                *(
                    {"measure": "conditional_expected_transactions", "days": days, "value": float(row[name])}
                    for name, days in WEEKS.items()
                ),
            ]
        made["tolerance"] = 1e-10
        yield made


def spend(rows):
    for row in rows:
        x = int(row["x"])
        yield {
            "name": f"gamma_gamma_{row['param_set']}_{row['customer_id']}",
            "model": "gamma_gamma",
            "period_days": 7,
            "params": {name: float(row[name]) for name in ["p", "q", "gamma"]},
            "row": {"frequency": x, "recency": float(x > 0), "age": 38.0, "monetary_value": float(row["zbar"])},
            "expect": [{"measure": "conditional_expected_spend", "value": float(row["expected_spend"])}],
            "tolerance": 1e-10,
        }


def main():
    folder = pathlib.Path(sys.argv[1])

    def read(name):
        with (folder / name).open() as file:
            return list(csv.DictReader(file))

    cases = [*transactions(read("lifetime_predictions.csv")), *spend(read("lifetime_gamma_gamma.csv"))]
    json.dump({"source": "tests/reference-numbers/lifetime_published.py", "cases": cases}, sys.stdout, indent=1)
    sys.stdout.write("\n")


main()

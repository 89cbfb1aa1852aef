"""Small notebooks that do one thing, written where a test wants them."""

import json

PARAMETERS = "\n".join(
    [
        'workspace: str = ""  # 工作区',
        'adcode: str = ""  # 区划代码',
        "year: int = 2021  # 年份",
        "month: int = 6  # 月份",
        'page: str = ""  # 页面',
        "share: float = 0.5  # 比例",
    ]
)
WRITE = 'from pathlib import Path\nPath(page).write_text(f"{adcode} {share}", encoding="utf-8")'


def write_notebook(folder, *cells, name="tiny", parameters=PARAMETERS):
    tagged = [(parameters, ["parameters"]), *((cell, []) for cell in cells)]
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{number}",
                "metadata": {"tags": tags},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for number, (source, tags) in enumerate(tagged)
        ],
    }
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path

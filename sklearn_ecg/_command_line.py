"""Look at recordings, classify them and report on them: python -m sklearn_ecg."""

import argparse
import errno
import hashlib
import os
import re
import signal
import sys
import warnings
from collections import Counter
from concurrent.futures import BrokenExecutor
from contextlib import nullcontext
from functools import cache, partial
from glob import glob
from itertools import chain
from pathlib import Path

import joblib
import numpy as np

from sklearn_ecg.compose import BeatClassifier, annotate_rhythms
from sklearn_ecg.datasets import ECGFormatError, read_record, write_record
from sklearn_ecg.datasets._files._finding import without_parts
from sklearn_ecg.datasets._files._recording_rows import (
    has_signal,
    read_in_all_leads,
    reading_options,
)
from sklearn_ecg.datasets._files._wfdb import parts_of
from sklearn_ecg.datasets._files._wfdb_header import HEADERS
from sklearn_ecg.persistence import load
from sklearn_ecg.plotting import report
from sklearn_ecg.plotting._quality import find_unusable
from sklearn_ecg.pretrained import load_pretrained, model_card
from sklearn_ecg.pretrained._loading import SHIPPED, card_of, file_of
from sklearn_ecg.utils._atomic_writing import write_whole
from sklearn_ecg.utils._jobs import run_jobs
from sklearn_ecg.utils._leads import MissingLeadError, alternatives
from sklearn_ecg.utils._nesting import leads_of, part_taken, prepare_for_last, readers_of
from sklearn_ecg.utils._outputs import names_of_columns, probabilities_of
from sklearn_ecg.utils._results import as_csv, index_of, name_results, place_of
from sklearn_ecg.utils._warning import warn_user

_CLASSES, _PAGE = (".csv", ".atr"), (".html",)  # suffixes of results
# A file may have such a name, which would break a line, or be an order to the terminal.
_ESCAPES = {code: ascii(chr(code))[1:-1] for code in (*range(32), *range(127, 160))}
# The advice of errors is for Python. A file may have such a name, in a folder or with a suffix.
_OPTION = re.compile(r"(?<![\w/.-])file_(?:fs|unit|lead_names|array)(?!\.?[\w/-])")
# With a file, a model or an extra that is missing. Any other error is a fault of this program.
_PROBLEMS = (OSError, ValueError, ImportError)
# Exit status, as of grep and most others, and of a shell's command after Ctrl-C.
_DONE, _FAILED, _MISUSED, _INTERRUPTED = 0, 1, 2, 130


def main(arguments=None):
    """Run a command.

    Parameters
    ----------
    arguments : list of str, default=None
        Arguments of the command line. None takes those of the process.

    Returns
    -------
    int
        Exit status: 0 if all files were read, 1 if some were not, 2 if the command was wrong.
    """
    options = _make_parser().parse_args(arguments)
    options.files = without_parts(list(chain.from_iterable(map(_files_of, options.files))))
    return options.run(options)


def _make_parser():
    parser = argparse.ArgumentParser(
        prog="python -m sklearn_ecg",
        description=__doc__,
        epilog="For research: no result is a diagnosis, and no medical device made it.",
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    info = commands.add_parser("info", help="say what files of electrocardiograms hold")
    info.set_defaults(run=run_info)
    classify = commands.add_parser("classify", help="classify recordings by a saved model")
    classify.set_defaults(run=run_classify)
    reporting = commands.add_parser(
        "report", help="write a page for a browser about each recording"
    )
    reporting.set_defaults(run=run_report)
    for command in (classify, reporting):
        command.add_argument(
            "model", help="file that persistence.save wrote, or the name of a model that ships"
        )
        command.add_argument("--lead", help="lead to take from files that lack the model's own")
    for command in (info, classify, reporting):
        command.add_argument("files", nargs="+", metavar="FILE")
        command.add_argument("--file-fs", type=float, help="Hz, of files that do not say it")
        command.add_argument("--file-unit", help="unit of files that do not say it, such as uV")
        command.add_argument(
            "--file-lead-names",
            type=lambda names: names.split(","),
            metavar="NAMES",
            help="leads of tables and arrays, in place of their own names, such as II,V1",
        )
        command.add_argument("--file-array", help="array of a file that holds several")
    classify.add_argument("--output", type=Path, help="folder for a CSV and a .atr of each file")
    classify.add_argument(
        "--by-strips",
        action="store_true",
        help="find the rhythms of long recordings, strip by strip, by a model of short ones",
    )
    classify.add_argument("--jobs", type=int, default=1, help="processes (default: 1)")
    classify.add_argument(
        "--overwrite", action="store_true", help="classify again what --output holds already"
    )
    reporting.add_argument(
        "--output", type=Path, default=Path(), help="folder of the pages (default: this one)"
    )
    reporting.add_argument(
        "--rhythms",
        metavar="MODEL",
        help="find the rhythms of long recordings, strip by strip, by this model of short ones, "
        "such as rhythm-30s",
    )
    return parser


def _files_of(pattern):
    """Name the files that a pattern stands for, which the shell of Windows does not do."""
    if os.path.exists(pattern) or not {"*", "?"}.intersection(pattern):
        return [pattern]
    as_on_windows = pattern.replace("[", "[[]")  # a part of a name, as in "ECG [2020]"
    for each in (as_on_windows, pattern):
        # A link that leads back gives a file many paths, of which the shortest is taken.
        found = sorted(glob(each, recursive=True), key=len, reverse=True)
        if found:
            return sorted({place_of(path): path for path in found}.values())
    return [pattern]


def run_info(options):
    """Print a line for each file, or for each rate of its leads, if they differ."""
    columns = ("duration_s", "fs", "leads", "missing", "beats", "heart_rate")
    return _print_results(columns, (_attempt(_describe, path, options) for path in options.files))


def _describe(path, options):
    """Describe each record of a file."""
    return [
        (
            f"{about['duration_s']:.3f}",
            f"{about['fs']:g}",
            ",".join(about["lead_names"]),
            f"{np.mean(list(about['missing'].values())):.3f}",
            _counted(about["beats"]),
            "" if about["heart_rate"] is None else f"{about['heart_rate']:.0f}",
        )
        for about in (record.describe() for record in _read_by_rate(path, options))
    ]


def _read_by_rate(path, options):
    """Read a file as one record, or as one for each rate of its leads."""
    read = partial(read_record, path, annotator=_annotator(path), **_file_options(options))
    try:
        return [read()]
    except ECGFormatError as error:
        if error.rates is None:
            raise
        rates = error.rates
    return [
        read(leads=[lead for lead, fs in rates.items() if fs == wanted])
        for wanted in dict.fromkeys(rates.values())
    ]


def run_classify(options):
    """Print a line for each file, and write its beats or probabilities if a folder is named."""
    try:
        if options.jobs == 0:
            raise ValueError("--jobs is 0: name a number of processes, or -1 for one a core.")
        load_model = _load_model_of_strips if options.by_strips else _load_model_of_files
        model = load_model(options.model, options.lead)
        files = list(dict.fromkeys(options.files))
        names = files  # of results, which are not written
        if options.output is not None:
            options.output.mkdir(parents=True, exist_ok=True)
            with index_of(options.output) as named:
                names = name_results(files, named, options.output, _CLASSES, are_noted=True)
                _note_model(files, named, options)
        work = partial(_attempt, _classify, model=model, options=options)
        jobs = (joblib.delayed(work)(*each) for each in zip(files, names, strict=True))
        results = run_jobs(jobs, options.jobs)
    except _PROBLEMS as error:
        _complain(error)
        return _MISUSED
    try:
        return _print_results(["result"], results)
    except BrokenExecutor:
        _complain(
            "the system ended a process, as it does when memory runs short: run the command again, "
            "with fewer --jobs; what is in --output stays"
        )
        return _FAILED


def run_report(options):
    """Write a page for each file, and print its path."""
    try:
        model = _load_model_of_files(options.model, options.lead)
        about = {"card": _load_card(options.model)}
        if options.rhythms is not None:
            about["rhythm_classifier"] = _load_model_of_strips(options.rhythms, options.lead)
            about["rhythm_card"] = _load_card(options.rhythms)
        files = list(dict.fromkeys(options.files))
        options.output.mkdir(parents=True, exist_ok=True)
        with index_of(options.output) as named:
            names = name_results(files, named, options.output, _PAGE, are_noted=False)
    except _PROBLEMS as error:
        _complain(error)
        return _MISUSED
    work = partial(_attempt, _write_page, model=model, options=options, about=about)
    return _print_results(["report"], map(work, files, names))


def _write_page(path, name, model, options, about):
    record = read_in_all_leads(path, _reading(model, options), _annotator(path))
    if not isinstance(model, BeatClassifier):
        _refuse_without_signal(record, model)
    return [(report(record, model, options.output / f"{name}.html", **about),)]


def _attempt(work, path, *arguments, **named):
    """Return a file, the lines about it, and the error, so that one bad file stops no other."""
    try:
        return path, work(path, *arguments, **named), None
    except _PROBLEMS as error:
        return path, [], error


def _print_results(columns, results):
    """Print the lines of each file, complain of those that failed, and return the exit status."""
    print("file", *columns, sep="\t")
    status = _DONE
    for path, lines, problem in results:
        if problem is not None:
            status = _FAILED
            _complain(problem, path)
        for cells in lines:
            _print_line(path, *cells)
    return status


def _load_model_of_files(name, other_lead):
    """Load a model that takes recordings, and may take another lead of them."""
    if _ships(name) and name not in SHIPPED:
        raise FileNotFoundError(
            f"{name} is no file, and no model that ships: these are {', '.join(sorted(SHIPPED))}."
        )
    model = load_pretrained(name) if _ships(name) else load(name)
    model = getattr(model, "best_estimator_", model)  # by which a search predicts
    readers = readers_of(model)
    if not readers:
        raise ValueError(f"{name} takes arrays, not files: begin its pipeline with a RecordReader.")
    if other_lead is not None:
        leads = leads_of(model)
        if len(leads) > 1:
            raise ValueError(f"{name} takes {len(leads)} leads: leave out --lead.")
        for reader in readers:  # a calibrator has several
            reader.set_params(leads=[(*alternatives(leads[0]), other_lead)])
    return model


def _load_model_of_strips(name, other_lead):
    model = _load_model_of_files(name, other_lead)
    if isinstance(model, BeatClassifier):
        raise ValueError(f"{name} classifies beats: name a model that classifies recordings.")
    return model


def _load_card(name):
    return model_card(name) if _ships(name) else card_of(name)


def _ships(name):
    """Check whether a model ships with the package: there is no such file, and no suffix."""
    path = Path(name)
    return not path.suffix and not path.exists()


def _classify(path, name, model, options):
    """Classify one file, and write its beats or probabilities if a folder is named."""
    done = None if options.output is None else options.output / f"{name}.csv"
    if done is not None and not options.overwrite and done.exists():
        return [("done before",)]
    # What an expert marked is no result of the model, unless it classes the expert's beats.
    annotator = _annotator(path) if getattr(model, "beats", None) == "annotations" else None
    record = read_record(path, annotator=annotator, **_reading(model, options))
    classify = _classify_beats if isinstance(model, BeatClassifier) else _classify_recording
    if options.by_strips:
        classify = _classify_strips
    result, table, annotated = classify(model, record)
    if done is not None:
        if annotated is not None:
            write_record(annotated, options.output / f"{name}.atr", overwrite=True)
        write_whole(done, as_csv(table))  # last, because it says that all is done
    return [(result,)]


def _classify_beats(model, record):
    annotated = model.annotate(record)
    if unusable := find_unusable(record):
        warn_user(
            f"{np.diff(unusable).sum():.0f} s of {record.duration_s:.0f} s of {record.source} are "
            "unusable in all leads that the model takes: beats may be missed there, or be false."
        )
    beats, classes = annotated.annotations
    table = [("time_step", "time_s", "class")]
    table += zip(beats.tolist(), (beats / record.fs).round(4).tolist(), classes, strict=True)
    return _counted(Counter(classes.tolist())) or "no beats", table, annotated


def _classify_strips(model, record):
    _refuse_without_signal(record, model, anywhere=True)
    annotated = annotate_rhythms(record, model)
    begins, names = annotated.rhythms
    lengths = np.diff(begins, append=record.n_timesteps)
    table = [("begin_s", "duration_s", "rhythm")]
    times_s = (times.round(4).tolist() for times in (begins / record.fs, lengths / record.fs))
    table += zip(*times_s, names.tolist(), strict=True)
    shares = {name: lengths[names == name].sum() / record.n_timesteps for name in np.unique(names)}
    result = ", ".join(f"{name} ({100 * share:.1f} %)" for name, share in shares.items())
    return result, table, annotated


def _classify_recording(model, record):
    _refuse_without_signal(record, model)
    if part := part_taken(model, record.duration_s):
        warn_user(f"The model takes {part} of {record.source}, and no more.")
    model, rows = prepare_for_last(model, [record])  # once, as it takes most of the time
    probabilities = probabilities_of(model, rows)[0]
    classes = names_of_columns(model)
    predicted = model.predict(rows)[0]  # which a tuned threshold decides, not the maximum
    is_predicted = predicted.astype(bool) if np.ndim(predicted) else classes == predicted
    table = [("class", "probability"), *zip(classes, probabilities.tolist(), strict=True)]
    found = zip(classes[is_predicted], probabilities[is_predicted], strict=True)
    return ", ".join(f"{name} ({value:.2f})" for name, value in found) or "no label", table, None


def _refuse_without_signal(record, model, anywhere=False):
    """Refuse a recording without a signal in the leads of the model, which would give a class."""
    if not any(has_signal(record, reader, anywhere) for reader in readers_of(model)):
        raise ValueError(f"{record.source} has no signal in the leads that the model takes.")


def _note_model(files, named, options):
    """Note how the classes that the folder holds are made; other ones are refused, or removed."""
    digest, stated = _digest(options.model), _stated(options)
    for path in files:
        file = place_of(path)
        name, noted, state_then = named[file]
        results = [options.output / f"{name}{suffix}" for suffix in _CLASSES]
        state = _state_of(path, results) or state_then  # of a file that is gone
        made_by, _, made_with = noted.partition(" ")
        if results[0].exists():
            is_as_stated = (made_by, made_with) == (digest, stated)
            # What is stated now may be for files that did not say it themselves.
            is_as_it_says = made_by == digest and not made_with and not options.by_strips
            if not (is_as_stated or is_as_it_says or options.overwrite):
                by_model = f"by another model than {options.model}"
                made_so = f"with {made_with}" if made_with else "without --by-strips"
                how = made_so if made_by == digest else by_model
                raise ValueError(
                    f"{results[0]} was made {how}: choose another --output, or replace it by "
                    "--overwrite."
                )
            if state == state_then and (is_as_stated or not options.overwrite):
                continue
            # Or they would pass for the new ones, of which there may be no .atr, or none if this
            # run broke off.
            for result in results:
                result.unlink(missing_ok=True)
        elif made_by not in ("", digest) and not options.overwrite:
            raise ValueError(
                f"{results[0]} is to be made by another model than {options.model}, which may be "
                "at work now: choose another --output, or replace it by --overwrite."
            )
        named[file] = name, f"{digest} {stated}".strip(), state


def _state_of(path, results):
    """Tell a recording by the sizes and times of its files, but for results beside them.

    A file may be older than a result that is not its own: it took the place of another one since,
    as of a copy, an archive, or another stick.
    """
    path = Path(path).absolute()  # "." has no name
    files = [path, *(path.with_name(path.name + end) for end in HEADERS)]
    if not any(map(os.path.isfile, files)):  # gone, whatever was beside it
        return ""
    files += [path.with_suffix(suffix) for suffix in (*HEADERS, ".dat", ".mat", ".atr")]
    files.append(path.with_name(f"{path.name}.atr"))
    headers = [file for file in files if file.suffix in HEADERS and os.path.isfile(file)]
    files += (part for header in dict.fromkeys(headers) for part in parts_of(header))
    own = {result.resolve() for result in results}
    states = [
        (state.st_size, state.st_mtime_ns)
        for file in dict.fromkeys(files)
        if os.path.isfile(file) and file.resolve() not in own
        for state in [file.stat()]
    ]
    return hashlib.sha256(repr(states).encode()).hexdigest()[:16]


def _stated(options):
    """Write how the command has files classified, and what it states of them."""
    stated = _file_options(options)
    if options.lead is not None:
        stated = {"lead": options.lead} | stated
    words = ["--by-strips"] if options.by_strips else []
    words += (
        f"--{name.replace('_', '-')} {','.join(value) if isinstance(value, list) else value}"
        for name, value in stated.items()
    )
    return " ".join(words)


def _digest(model):
    """Return a short name of the content of a model's file."""
    with file_of(model) if _ships(model) else nullcontext(model) as path:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]


def _file_options(options):
    """Return the facts about the files that the command states."""
    return {name: fact for name, fact in reading_options(options).items() if fact is not None}


def _reading(model, options):
    """Return how to read files for a model: as it says itself, unless the command says otherwise.

    Only its leads are read, because others may have other rates; all, where the members of an
    ensemble take different ones.
    """
    reader = readers_of(model)[0]
    has_one = len(leads_of(model)) == len(reader.leads)
    leads = {} if has_one else {"leads": None}
    return reading_options(reader) | leads | _file_options(options)


def _annotator(path):
    """Return the suffix of the annotations beside a WFDB record, if there are any."""
    path = Path(path).absolute()  # "." has no name
    beside = (path.with_suffix(".atr"), path.with_name(f"{path.name}.atr"))
    return "atr" if any(map(os.path.isfile, beside)) else None


def _print_line(*cells):
    """Print cells between tabs, none of which breaks the line."""
    print("\t".join(str(cell).translate(_ESCAPES) for cell in cells), flush=True)


def _counted(beats):
    return " ".join(f"{label}:{count}" for label, count in sorted(beats.items()))


def _complain(error, path=""):
    if isinstance(error, MissingLeadError):  # its advice is for Python
        error = f"{error.reason} Name one of these by --lead, if the model takes one lead."
    # Readers name the file first, but the steps after them know rows only, and a number such as 100
    # may be in any message.
    where = "" if str(error).startswith(path) else f"{path}: "
    _print_message(f"error: {where}{error}")


def _show_warning(message, *_):
    _warn_once(str(message))  # without the line of code, which is not theirs


@cache
def _warn_once(message):
    _print_message(f"warning: {message}")


def _print_message(text):
    text = _OPTION.sub(lambda name: f"--{name[0].replace('_', '-')}", text)
    lines = (line.translate(_ESCAPES) for line in text.split("\n"))
    print("\n".join(lines), file=sys.stderr)


def run_as_program():
    """Run a command with the arguments of this process, and end it with the exit status."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed, as `>&-` does: what it says is not wanted
            setattr(sys, name, open(os.devnull, "w"))
    sys.stdout.reconfigure(errors="backslashreplace")  # a name may have letters that it lacks
    warnings.showwarning = _show_warning
    for name in ("SIGTERM", "SIGHUP"):  # the second comes when a terminal closes, not on Windows
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # as by nohup
            signal.signal(number, signal.default_int_handler)  # so that worker processes end too
    try:
        status = main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        _complain("interrupted")
        status = _INTERRUPTED
    except OSError as error:  # of the standard output; main names files
        # Whoever reads has seen enough, as `head` does; Windows calls that an invalid argument.
        is_closed = isinstance(error, BrokenPipeError) or (
            sys.platform == "win32" and error.errno == errno.EINVAL
        )
        if not is_closed:
            _complain(error)
        # Or the last flush complains.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = _FAILED
    sys.exit(status)

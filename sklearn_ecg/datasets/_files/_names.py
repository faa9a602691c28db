"""The names and units by which tables and arrays say what they hold."""

import re

# Of facts about the signal, in any case.
FS_NAMES = (
    *("fs", "sfreq"),
    *(
        f"{what}{between}{how}"
        for what in ("sampling", "sample")
        for how in ("rate", "frequency")
        for between in ("", "_", " ")
    ),
)
UNIT_NAMES = ("unit", "units")
LEAD_NAMES = ("lead_names", "leads")
GAIN_NAMES = ("gain", "gains", "adc_gain", "adcgain", "scale", "scale_factor")
_NUMBERED = ("", "id", "code", "number", "no", "nr", "key", "name")
# Of columns that say whose, or of which lead, a line is. Only letters and digits count.
PATIENT_NAMES = (
    *(who + what for who in ("patient", "subject", "participant", "person") for what in _NUMBERED),
    *("pid", "mrn"),
)
CHANNEL_NAMES = tuple(part + what for part in ("channel", "lead", "sensor") for what in _NUMBERED)

_SECONDS = {
    unit: seconds
    for seconds, units in {
        60.0: "min mins minute minutes",
        1.0: "s sec secs second seconds",
        1e-3: "ms msec msecs millisecond milliseconds milli millis",
        1e-6: "us μs usec usecs microsecond microseconds micros",
        1e-9: "ns nsec nsecs nanosecond nanoseconds nanos",
    }.items()
    for unit in units.split()
}
_TIMES = {"time", "times", "timestamp", "timestamps", "elapsed", "date", "datetime"}
_TIMES |= {"ts", "clock", "epoch"}
_TIMES |= {"zeit", "czas", "temps", "tiempo", "tempo", "tijd"}
_COUNTS = {"index", "idx", "id", "sample", "samples", "nseq", "row", "line", "frame", "number"}
_COUNTS |= {"n", "no", "nr", "seq", "sequence", "counter"}
_UNNAMED = re.compile(r"unnamed: \d+(?:\.\d+)*(?:_level_\d+)?|level_\d+", re.IGNORECASE)
_TICKS = re.compile(r"s/([1-9]\d{0,8})")  # such as "s/256", of a clock that counts 256 a second


def only_letters(name):
    """Write the name of a column as it is compared: small letters and digits, and nothing else."""
    return re.sub(r"[\W_]", "", name.casefold())


def is_count(name):
    """Check whether a column only counts the lines, as pandas writes it in front."""
    return _COUNTS.issuperset(_words(name)) or _UNNAMED.fullmatch(name) is not None


def is_time(name):
    """Check whether the name of a column says that it holds the time."""
    words = _words(name)
    return bool(
        _TIMES.intersection(words)
        or (words[:1] == ["t"] and all(word in _SECONDS for word in words[1:]))
        or (len(words) == 1 and words[0] in _SECONDS and words[0] != "min")  # nor a minimum
    )


def seconds_of_unit(unit):
    """Return the seconds of a unit of time that a column of time may have, or None."""
    unit = unit.casefold().strip(". ")
    ticks = _TICKS.fullmatch(unit)
    return 1 / int(ticks[1]) if ticks else _SECONDS.get(unit)


def unit_of_time(name):
    """Return the unit of time in the name of a column, such as "time_ms", or an empty str."""
    return next((word for word in reversed(_words(name)) if word in _SECONDS), "")


def _words(name):
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)  # "ElapsedTime"
    return re.findall(r"[^\W_]+", parted.casefold())

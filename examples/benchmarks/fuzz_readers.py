"""
Fuzz the readers of files
=========================

Feeds `read_record` damaged files of each format for as long as one likes. Atheris (libFuzzer)
mutates valid files and keeps what reaches new code. A finding is any exception but
`ECGFormatError` and `FileNotFoundError`, a file that takes over `--timeout` seconds, or memory over
1 GB; the input that led there is kept. Needs `pip install atheris wfdb`, and the extras of the
formats. HDF5 is parsed in a process of its own: here it is a copy of this process, which begins
faster, and whose code counts as no edge.

    python examples/benchmarks/fuzz_readers.py --seconds 60
"""

import argparse
import base64
import contextlib
import os
import re
import signal
import struct
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from types import SimpleNamespace

# %%
# A record of WFDB is three files, so an input of the fuzzer is three parts.
BETWEEN_FILES = b"\n%%\n"
NAMES = {
    "wfdb": ("r.hea", "r.dat", "r.atr"),
    "mat": ("r.hea", "r.mat"),
    "rare": ("r.hea", "r.dat", "r.atr"),
    "edf": ("r.edf",),
    "bdf": ("r.bdf",),
    "scp": ("r.scp",),
    "ishne": ("r.ecg", "r.atr"),
    "aecg": ("r.xml",),
    "muse": ("r.xml",),
    "philips": ("r.xml",),
    "biopac": ("r.acq",),
    "dicom": ("r.dcm",),
    "csv": ("r.csv",),
    "table": ("r.txt",),
    "matlab": ("r.mat",),
    "hdf5": ("r.h5",),
    "npy": ("r.npy",),
    "npz": ("r.npz",),
}
ANNOTATED = ("wfdb", "rare", "ishne")
OPTIONS = {"file_fs": 100, "file_unit": "mV", "file_lead_names": ["II", "V1"]}


# %%
# Valid files to start from, written by other libraries.
def write_seeds(folder, file_format):
    import numpy as np

    rng = np.random.default_rng(0)
    counts = rng.integers(-500, 500, size=(40, 2))
    globals()[f"write_{file_format}"](folder, counts)
    seeds = [b"".join(join_files(folder, file_format))]
    if file_format == "wfdb":
        (folder / "r.hea").write_text("r/3 1 100 80\ns 40\n~ 20\nt 20\n")
        seeds.append(b"".join(join_files(folder, file_format)))
        (folder / "r.hea").write_text(
            "r 2 100/200(3) 20\nr.dat 16x2:1+2 2.5(7)/uV 16 0\nr.dat 16x2+2\n"
        )
        seeds.append(b"".join(join_files(folder, file_format)))
    if file_format == "rare":
        for number in (8, 61, 160, 310, 311, 516):
            (folder / "r.hea").write_text(
                f"r 2 100\nr.dat {number} 200 10 0 3 0 0 II\nr.dat {number}\n"
            )
            seeds.append(b"".join(join_files(folder, file_format)))
    if file_format == "csv":
        seeds.append(b'# note\n"time (ms)";II (mV)\n0;0,5\n10;\n40;1e-3\n')
    if file_format == "table":
        lines = "0\t0\t39072\t\n1\t0\t39088\t\n"
        device = '{"sensor": ["ECG"], "column": ["nSeq", "DI", "CH1"], "sampling rate": 100, '
        device = f'{{"00:07": {device}"label": ["CH1"]}}}}'
        seeds += [
            f"# OpenSignals Text File Format\n# {device}\n# EndOfHeader\n{lines}".encode(),
            b"# Simple Text Format\n# Sampling Rate (Hz):= 100.0\n# Labels:= ECG\n2044.0\n2046.0\n",
            b"# time II\n0 0.5\n0.01 NA\n0.01 -1e-2\n0.02 0.7\n",
            b"timestamp,II (mV),note\n1595933810000,0.5,N\n1595933810010,null,V\n",
            b"0.1\n0.2\n0.3\n",
            "time;II (µV)\n0;120,5\n0,01;150\n".encode("utf-16"),
        ]
    if file_format == "matlab":
        import scipy.io

        for options in ({"do_compression": True}, {"format": "4"}):
            scipy.io.savemat(folder / "r.mat", {"val": counts.T, "x": counts}, **options)
            seeds.append((folder / "r.mat").read_bytes())
    if file_format == "hdf5":
        write_hdf5(folder, counts, version="earliest", compression=None)
        seeds.append((folder / "r.h5").read_bytes())
    return seeds


def join_files(folder, file_format):
    for i, name in enumerate(NAMES[file_format]):
        yield (BETWEEN_FILES if i else b"") + (folder / name).read_bytes()


def write_wfdb(folder, counts):
    import numpy as np
    import wfdb

    for name in "rst":
        wfdb.wrsamp(
            name,
            fs=100,
            units=["mV", "uV"],
            sig_name=["II", "V1"],
            d_signal=counts,
            fmt=["212", "212"],
            adc_gain=[200.0, 200.0],
            baseline=[0, 0],
            write_dir=str(folder),
        )
    marks = np.array([3, 30, 2000]), ["N", "+", "V"]
    wfdb.wrann("r", "atr", *marks, aux_note=["", "(N", ""], fs=100, write_dir=str(folder))


def write_mat(folder, counts):
    import scipy.io

    scipy.io.savemat(folder / "r.mat", {"val": counts.T.astype("int16")}, format="4")
    signals = "".join(f"r.mat 16+24 200/mV 16 0 0 0 0 {lead}\n" for lead in ("II", "V1"))
    (folder / "r.hea").write_text(f"r 2 100 {len(counts)}\n{signals}")


def write_edf(folder, counts):
    import edfio

    signals = [
        edfio.EdfSignal(lead / 200, 20, label=label, physical_dimension="mV")
        for lead, label in zip(counts.T, ("ECG II", "V1"), strict=True)
    ]
    marks = [edfio.EdfAnnotation(0.5, None, "N"), edfio.EdfAnnotation(1, 0.5, "a walk")]
    edfio.Edf(signals, annotations=marks).write(folder / "r.edf")
    content = (folder / "r.edf").read_bytes()
    (folder / "r.edf").write_bytes(content.replace(b"EDF+C", b"EDF+D"))


def write_rare(folder, counts):
    import soundfile
    import wfdb

    soundfile.write(folder / "r.flac", counts.astype("int16"), 100)
    (folder / "r.dat").write_bytes((folder / "r.flac").read_bytes())
    (folder / "r.hea").write_text("r 2 100 40\nr.dat 516 200\nr.dat 516 200\n")
    wfdb.wrann("r", "atr", counts[:3, 0] * 0 + 3, ["N", "+", "V"], write_dir=str(folder))
    note = b"\x00\x58\x08\xfc15 c cal"  # a mark that defines what marks mean
    (folder / "r.atr").write_bytes(note + (folder / "r.atr").read_bytes())


def write_bdf(folder, counts):
    import edfio

    signal = edfio.BdfSignal(counts[:, 0] / 200, 20, label="II", physical_dimension="mV")
    marks = [edfio.EdfAnnotation(0.5, None, "(AFIB")]
    edfio.Bdf([signal], annotations=marks).write(folder / "r.bdf")


def write_scp(folder, counts):
    tables = struct.pack("<HH", 1, 3) + b"".join(
        struct.pack("<BBBhI", *code)
        for code in ((1, 1, 1, 0, 0), (2, 10, 1, 0, 1), (2, 2, 0, 1, 3))
    )
    data = counts[:, 0].astype("<i2").tobytes()
    rhythm = struct.pack("<HHBBHH", 5000, 10_000, 1, 0, 80, 80) + data * 2
    leads = b"\x02\x04" + struct.pack("<IIBIIB", 1, 40, 2, 1, 40, 3)
    sections = {1: b"\x00\x07\x00Nobody\0\xff\0\0", 2: tables, 3: leads, 6: rhythm}
    at, pointers, bodies = 22 + 10 * len(sections), b"", b""
    for number, body in sections.items():
        bodies += struct.pack("<HHIBB6x", 0, number, 16 + len(body), 20, 20) + body
        pointers += struct.pack("<HII", number, 16 + len(body), at + 1)
        at += 16 + len(body)
    first = struct.pack("<HHIBB", 0, 0, 16 + len(pointers), 20, 20) + b"SCPECG"
    (folder / "r.scp").write_bytes(struct.pack("<HI", 0, at) + first + pointers + bodies)


def write_ishne(folder, counts):
    head = bytearray(522)
    struct.pack_into("<8sHiiiih", head, 0, b"ISHNE1.0", 0, 0, counts.size, 522, 522, 1)
    struct.pack_into("<h2h", head, 156, 2, 6, 11)
    struct.pack_into("<2h", head, 206, 5000, 5000)
    struct.pack_into("<H", head, 272, 100)
    (folder / "r.ecg").write_bytes(bytes(head) + counts.astype("<i2").tobytes())
    head[:8] = b"ANN  1.0"
    marks = struct.pack("<IccHccH", 3, b"N", b"#", 4, b"V", b"#", 5)
    (folder / "r.atr").write_bytes(bytes(head) + marks)


def write_aecg(folder, counts):
    digits = " ".join(map(str, counts[:, 0]))
    (folder / "r.xml").write_text(
        "<AnnotatedECG><id extension='Nobody'/><component><series><code code='RHYTHM'/><component>"
        "<sequenceSet><component><sequence><code code='TIME_ABSOLUTE'/><value><head "
        "value='20021122091000.000'/><increment value='0.01' unit='s'/></value></sequence>"
        "</component><component><sequence><code code='MDC_ECG_LEAD_II'/><value><origin value='0' "
        f"unit='uV'/><scale value='5' unit='uV'/><digits>{digits}</digits></value></sequence>"
        "</component></sequenceSet></component></series></component></AnnotatedECG>"
    )


def write_muse(folder, counts):
    data = base64.b64encode(counts[:, 0].astype("<i2").tobytes()).decode()
    (folder / "r.xml").write_text(
        "<!DOCTYPE RestingECG SYSTEM 'restecg.dtd'><RestingECG><QRSTimesTypes><QRS><Time>40</Time>"
        "</QRS></QRSTimesTypes><Waveform><WaveformType>Rhythm</WaveformType><SampleBase>100"
        "</SampleBase><SampleExponent>0</SampleExponent><LeadData><LeadSampleCountTotal>40"
        "</LeadSampleCountTotal><LeadAmplitudeUnitsPerBit>5</LeadAmplitudeUnitsPerBit>"
        "<LeadAmplitudeUnits>MICROVOLTS</LeadAmplitudeUnits><LeadID>II</LeadID>"
        f"<WaveFormData>{data}</WaveFormData></LeadData></Waveform></RestingECG>"
    )


def write_philips(folder, counts):
    # Zeros by LZW: the codes 0, 256, 257 ... stand for ever longer strings of them.
    bits = "".join(f"{code:010b}" for code in (0, *range(256, 268))) + "1" * 10
    packed = int(bits.ljust(160, "0"), 2).to_bytes(20, "big")
    data = base64.b64encode(struct.pack("<IHh", len(packed), 0, 0) + packed).decode()
    (folder / "r.xml").write_text(
        "<restingecgdata><signalcharacteristics><samplingrate>100</samplingrate><resolution>5"
        "</resolution></signalcharacteristics><parsedwaveforms durationperchannel='400' "
        "dataencoding='Base64' compressmethod='XLI' numberofleads='1' leadlabels='II'>"
        f"{data}</parsedwaveforms></restingecgdata>"
    )


def write_biopac(folder, counts):
    graph = struct.pack("<hIihhhd", 0, 35, 256, 1, 0, 0, 10.0).ljust(256, b"\0")
    channel = struct.pack("<ih40s4xh16x20sidd", 112, 0, b"ECG II", 0, b"mV", 40, 0.005, 0.0)
    foreign_and_type = struct.pack("<hhhh", 4, 0, 2, 2)
    data = counts[:, 0].astype("<i2").tobytes()
    content = graph + channel.ljust(112, b"\0") + foreign_and_type + data + bytes(100)
    (folder / "r.acq").write_bytes(content)


def write_dicom(folder, counts):
    from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, TwelveLeadECGWaveformStorage

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = TwelveLeadECGWaveformStorage
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    channel, unit, source = Dataset(), Dataset(), Dataset()
    unit.CodeValue = "uV"
    source.CodeValue, source.CodingSchemeDesignator, source.CodeMeaning = "2:2", "MDC", "Lead II"
    channel.ChannelSourceSequence = [source]
    channel.ChannelSensitivity, channel.ChannelSensitivityUnitsSequence = "5", [unit]
    waveform = Dataset()
    waveform.NumberOfWaveformChannels, waveform.NumberOfWaveformSamples = 2, len(counts)
    waveform.SamplingFrequency = "100"
    waveform.WaveformBitsAllocated, waveform.WaveformSampleInterpretation = 16, "SS"
    waveform.ChannelDefinitionSequence = [channel, channel]
    waveform.add_new("WaveformPaddingValue", "SS", 0)
    waveform.WaveformData = counts.astype("<i2").tobytes()
    dataset = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    dataset.PatientName = "Nobody"
    dataset.WaveformSequence = [waveform]
    dataset.save_as(folder / "r.dcm", enforce_file_format=True)


def write_csv(folder, counts):
    rows = "".join(f"{i / 100},{a / 200},{b / 200}\n" for i, (a, b) in enumerate(counts))
    (folder / "r.csv").write_text(f"time (s),Lead II (mV),V1 [uV]\n{rows}")


def write_table(folder, counts):
    rows = "".join(f"{10 * i};{a / 200};;\r\n" for i, (a, b) in enumerate(counts))
    (folder / "r.txt").write_text(f'"sep=;"\r\nTimestamp;II;V1;\r\nms;mV;uV;\r\n{rows}')


def write_matlab(folder, counts):
    import scipy.io

    said = {"fs": 100.0, "unit": "mV", "leads": ["II", "V1"], "info": {"name": "Nobody"}}
    scipy.io.savemat(folder / "r.mat", {"ecg": counts.T / 200, **said})


def write_hdf5(folder, counts, version="latest", compression="gzip"):
    import h5py
    import numpy as np

    # Texts of fixed length, without which a file is longer than inputs may be.
    said = {"fs": 100.0, "unit": np.bytes_("mV"), "leads": np.array(["II", "V1"], "S2")}
    with h5py.File(folder / "r.h5", "w", libver=version) as file:
        file.create_dataset("study/ecg", data=counts.astype("i2"), compression=compression)
        file["study"].attrs.update(said)


def write_npy(folder, counts):
    import numpy as np

    np.save(folder / "r.npy", counts / 200)


def write_npz(folder, counts):
    import numpy as np

    np.savez_compressed(
        folder / "r.npz", signal=counts / 200, fs=100, unit="mV", lead_names=["II", "V1"]
    )


class CopyOfThisProcess:
    """The process that parses an HDF5 file, in place of `subprocess.Popen`."""

    def __init__(self, command, **_):
        from sklearn_ecg.datasets._files import _hdf5_process

        (theirs_in, ours_in), (ours_out, theirs_out) = os.pipe(), os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE):
                    signal.signal(number, signal.SIG_DFL)  # libFuzzer would take it for our crash
                os.dup2(theirs_in, 0)
                os.dup2(theirs_out, 1)
                os.closerange(3, 256)
                sys.stdin, sys.stdout = open(0), open(1, "w")
                _hdf5_process.main(*command[-3:])
                sys.stdout.flush()
            finally:
                os._exit(0)
        os.close(theirs_in)
        os.close(theirs_out)
        self.stdin, self.stdout = open(ours_in, "wb"), open(ours_out, "rb")

    def communicate(self, line):
        with contextlib.suppress(BrokenPipeError), self.stdin:
            self.stdin.write(line)
        return self.stdout.read(), None

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(BrokenPipeError):
            self.stdin.close()
        self.stdout.close()
        os.waitpid(self.pid, 0)


# %%
# One format, in a process of its own: libFuzzer does not return.
def fuzz(file_format, work, libfuzzer_options):
    import atheris

    parsers = ["sklearn_ecg.datasets", "bioread", "pydicom", "zipfile", "csv"]
    with atheris.instrument_imports(include=parsers):
        import csv  # noqa: F401
        import zipfile  # noqa: F401

        import pydicom  # noqa: F401

        from sklearn_ecg.datasets import ECGFormatError, read_record

    if file_format == "hdf5":
        from sklearn_ecg.datasets._files import _hdf5

        _hdf5.subprocess = SimpleNamespace(Popen=CopyOfThisProcess, PIPE=None, DEVNULL=None)
    names = NAMES[file_format]
    files = [work / "input" / name for name in names]
    annotator = "atr" if file_format in ANNOTATED else None
    warnings.simplefilter("ignore")  # of what was left out

    def read(data):
        parts = data.split(BETWEEN_FILES, len(files) - 1)
        for file, part in zip(files, parts + [b""] * len(files), strict=False):
            file.write_bytes(part)
        try:
            read_record(files[0], annotator=annotator, metadata_policy="keep", **OPTIONS)
        except (ECGFormatError, FileNotFoundError):
            pass

    atheris.Setup([sys.argv[0], *libfuzzer_options], read)
    atheris.Fuzz()


def fuzz_in_process(file_format, seconds, timeout, seed, findings):
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        for name in ("input", "corpus", "seeds"):
            (work / name).mkdir()
        for i, valid in enumerate(write_seeds(work / "seeds", file_format)):
            (work / "corpus" / f"seed{i}").write_bytes(valid)
        if file_format == "wfdb":  # segments that a mutated header may name
            for file in (work / "seeds").glob("[st].*"):
                file.rename(work / "input" / file.name)
        command = [sys.executable, __file__, "--one", file_format, "--work", str(work), "--"]
        command += [f"-max_total_time={seconds}", f"-timeout={timeout}", "-rss_limit_mb=1024"]
        command += ["-max_len=8192", "-len_control=0", "-print_final_stats=1", f"-seed={seed}"]
        command += [f"-artifact_prefix={findings}/{file_format}-", str(work / "corpus")]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    executions = re.search(r"number_of_executed_units:\s*(\d+)", result.stderr)
    edges = re.findall(r"cov: (\d+)", result.stderr)
    print(
        f"{file_format:6} {executions[1] if executions else '?':>9} executions, "
        f"{edges[-1] if edges else '?':>5} edges: "
        f"{'nothing found' if result.returncode == 0 else 'FINDING'}",
        flush=True,
    )
    if result.returncode != 0:
        print(result.stdout[-3000:], result.stderr[-1000:])


def main():
    parser = argparse.ArgumentParser(description="Fuzz the readers of files.")
    parser.add_argument("--seconds", type=int, default=60, help="time for each format")
    parser.add_argument("--timeout", type=int, default=2, help="seconds that a file may take")
    parser.add_argument("--formats", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--seed", type=int, default=1, help="another one mutates otherwise")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    parser.add_argument("--one", choices=NAMES, help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("libfuzzer", nargs="*", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        fuzz(arguments.one, arguments.work, arguments.libfuzzer)
    arguments.findings.mkdir(exist_ok=True)
    for file_format in arguments.formats:
        fuzz_in_process(
            file_format,
            arguments.seconds,
            arguments.timeout,
            arguments.seed,
            arguments.findings.resolve(),
        )


if __name__ == "__main__":
    main()

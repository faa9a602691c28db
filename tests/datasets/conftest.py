"""Files that other libraries write of one signal, and a server that can misbehave."""

import base64
import binascii
import datetime
import re
import struct
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import h5py
import numpy as np
import pyedflib
import pytest
import scipy.io
import wfdb
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, TwelveLeadECGWaveformStorage

from sklearn_ecg.datasets._databases import _download

FS, STEP_MV = 250.0, 0.005
LEADS = ("II", "V1")


@dataclass
class Written:
    """A file, how finely it stores the signal, and what has to be said to read it."""

    path: object
    step_mv: float = STEP_MV
    options: dict = field(default_factory=dict)


@pytest.fixture(scope="session")
def ecg():
    """A signal of 4 s in two leads: counts of a converter of 200 steps per mV."""
    time = np.arange(1000) / FS
    beats = np.exp(-0.5 * (((time + 0.4) % 0.8 - 0.4) / 0.02) ** 2)
    noise = np.random.default_rng(0).integers(-4, 5, size=(1000, 2))
    counts = np.rint(np.outer(beats, [240, -110])).astype(np.int16) + noise.astype(np.int16)
    return SimpleNamespace(counts=counts, mv=counts * STEP_MV, fs=FS, leads=LEADS)


def write_wfdb(folder, ecg, identity=None):
    said = {}
    if identity:
        said = {
            "comments": [f"Name: {identity.name}", identity.identifier],
            "base_date": identity.date,
            "base_time": datetime.time(11, 12, 13),
        }
    wfdb.wrsamp(
        "record",
        fs=ecg.fs,
        units=["mV", "mV"],
        sig_name=["ECG II", "v1"],
        d_signal=ecg.counts.astype(np.int64),
        fmt=["212", "212"],
        adc_gain=[200.0, 200.0],
        baseline=[0, 0],
        write_dir=str(folder),
        **said,
    )
    note = [identity.name if identity else "", ""]
    wfdb.wrann(
        "record", "atr", np.array([100, 300]), ["N", "V"], aux_note=note, write_dir=str(folder)
    )
    return Written(folder / "record.hea", options={"annotator": "atr"})


def write_edf(folder, ecg, identity=None):
    path = folder / "record.edf"
    writer = pyedflib.EdfWriter(str(path), 2, file_type=pyedflib.FILETYPE_EDFPLUS)
    if identity:
        writer.setPatientName(identity.name)
        writer.setPatientCode(identity.identifier)
        writer.setBirthdate(identity.date)
        writer.setStartdatetime(datetime.datetime.combine(identity.date, datetime.time(11, 12, 13)))
        writer.setTechnician(identity.name)
        writer.writeAnnotation(2.0, -1, f"{identity.name} coughs")
    for i, label in enumerate(["ECG II", "V1"]):
        header = {"label": label, "dimension": "uV", "sample_frequency": ecg.fs, "transducer": ""}
        header |= {"physical_min": -3277, "physical_max": 3277, "prefilter": ""}
        writer.setSignalHeader(i, header | {"digital_min": -32768, "digital_max": 32767})
    writer.writeAnnotation(100 / ecg.fs, -1, "N")
    writer.writeAnnotation(300 / ecg.fs, -1, "V")
    writer.writeSamples([np.ascontiguousarray(lead) for lead in ecg.mv.T * 1000])
    writer.close()
    return Written(path, step_mv=6.554 / 65535)


def write_dicom(folder, ecg, identity=None):
    path = folder / "record.dcm"
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = TwelveLeadECGWaveformStorage
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID = TwelveLeadECGWaveformStorage
    if identity:
        dataset.PatientName = identity.name
        dataset.PatientID = identity.identifier
        dataset.PatientBirthDate = dataset.StudyDate = identity.date.strftime("%Y%m%d")
        dataset.PatientAddress = f"The house of {identity.name}"
        note = Dataset()
        note.UnformattedTextValue = f"{identity.name} is well"
        dataset.WaveformAnnotationSequence = [note]
    waveform = Dataset()
    waveform.NumberOfWaveformChannels = 2
    waveform.NumberOfWaveformSamples = len(ecg.counts)
    waveform.SamplingFrequency = ecg.fs
    waveform.WaveformBitsAllocated = 16
    waveform.WaveformSampleInterpretation = "SS"
    waveform.ChannelDefinitionSequence = [
        _dicom_channel("2:2", "MDC", "Lead II"),
        _dicom_channel("5.6.3-9-3", "SCPECG", "Lead V1"),
    ]
    waveform.WaveformData = ecg.counts.astype("<i2").tobytes()
    dataset.WaveformSequence = [waveform]
    dataset.save_as(path, enforce_file_format=True)
    return Written(path)


def _dicom_channel(code, scheme, meaning):
    source, unit, channel = Dataset(), Dataset(), Dataset()
    source.CodeValue, source.CodingSchemeDesignator, source.CodeMeaning = code, scheme, meaning
    unit.CodeValue, unit.CodingSchemeDesignator = "uV", "UCUM"
    channel.ChannelSourceSequence = [source]
    channel.ChannelSensitivity = "5"
    channel.ChannelSensitivityUnitsSequence = [unit]
    channel.ChannelBaseline = "0"
    return channel


def write_mat(folder, ecg, identity=None):
    path = folder / "record.mat"
    scipy.io.savemat(path, {"val": ecg.counts.T}, format="4")
    date = identity.date.strftime("%d/%m/%Y") if identity else ""
    comment = f"# {identity.name} {identity.identifier}\n" if identity else ""
    path.with_suffix(".hea").write_text(
        f"record 2 {ecg.fs:g} {len(ecg.counts)} 11:12:13 {date}\n"
        "record.mat 16+24 200/mV 16 0 0 0 0 Lead II\n"
        f"record.mat 16+24 200/mV 16 0 0 0 0 V1\n{comment}"
    )
    return Written(path)


def write_csv(folder, ecg, identity=None):
    path = folder / "record.csv"
    comment = f"# {identity.name}, {identity.identifier}, {identity.date}\n" if identity else ""
    table = np.column_stack([np.arange(len(ecg.mv)) / ecg.fs, ecg.mv])
    header = f"{comment}time (s),II (mV),Lead V1 (mV)"
    np.savetxt(path, table, fmt="%.4f", delimiter=",", header=header, comments="")
    return Written(path)


def write_table(folder, ecg, identity=None):
    path = folder / "record.txt"
    title = f"{identity.name}\t{identity.identifier}\t{identity.date}\n" if identity else ""
    rows = "".join(f"{4 * i};{a};{b};\n" for i, (a, b) in enumerate(ecg.mv * 1000))
    text = f'"sep=;"\n{title}Timestamp;II;V1;\nms;µV;µV;\n{rows}'
    path.write_text(text.replace(".", ","), encoding="utf-16")
    return Written(path)


def write_matlab(folder, ecg, identity=None):
    path = folder / "record.mat"
    said = {"patient": f"{identity.name} {identity.identifier}"} if identity else {}
    scipy.io.savemat(path, {"ecg": ecg.mv.T * 1000, "fs": ecg.fs, "leads": ["ii", "v1"], **said})
    return Written(path, options={"file_unit": "uV"})


def write_hdf5(folder, ecg, identity=None):
    path = folder / "record.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("study/ecg", data=ecg.mv)
        file["study"].attrs.update({"fs": ecg.fs, "unit": "mV", "leads": ["ii", "v1"]})
        if identity:
            file["study"].attrs["patient"] = f"{identity.name} {identity.identifier}"
    return Written(path)


def write_npz(folder, ecg, identity=None):
    path = folder / "record.npz"
    said = {"patient": f"{identity.name} {identity.identifier}"} if identity else {}
    np.savez_compressed(
        path,
        signal=ecg.mv.astype(np.float32),
        fs=ecg.fs,
        lead_names=["ii", "v1"],
        unit="mV",
        **said,
    )
    return Written(path)


def write_npy(folder, ecg, identity=None):
    path = folder / "record.npy"
    options = {"file_fs": ecg.fs, "file_unit": "mV", "file_lead_names": ecg.leads}
    np.save(path, ecg.mv)
    return Written(path, options=options)


def write_scp(folder, ecg, identity=None):
    path = folder / "record.scp"
    said = b""
    if identity:
        date = struct.pack("<HBB", identity.date.year, identity.date.month, identity.date.day)
        tags = {0: identity.name.encode(), 2: identity.identifier.encode(), 5: date}
        said = b"".join(struct.pack("<BH", n, len(t) + 1) + t + b"\0" for n, t in tags.items())
    n = len(ecg.counts)
    leads = b"".join(struct.pack("<IIB", 1, n, code) for code in (2, 3))
    rhythm = struct.pack("<HHBBHH", 5000, 4000, 0, 0, 2 * n, 2 * n)
    rhythm += ecg.counts.astype("<i2").T.tobytes()
    path.write_bytes(scp_of({1: said + b"\xff\0\0", 3: b"\x02\x04" + leads, 6: rhythm}))
    return Written(path)


def scp_of(sections):
    """An SCP-ECG file of the given sections, with pointers and checksums."""
    at, pointers, bodies = 6 + 16 + 10 * len(sections), b"", b""
    for number, body in sections.items():
        length = 16 + len(body)
        rest = struct.pack("<HIBB6x", number, length, 20, 20) + body
        bodies += struct.pack("<H", binascii.crc_hqx(rest, 0xFFFF)) + rest
        pointers += struct.pack("<HII", number, length, at + 1)
        at += length
    first = struct.pack("<HIBB", 0, 16 + len(pointers), 20, 20) + b"SCPECG" + pointers
    first = struct.pack("<H", binascii.crc_hqx(first, 0xFFFF)) + first
    content = struct.pack("<I", at) + first + bodies
    return struct.pack("<H", binascii.crc_hqx(content, 0xFFFF)) + content


def write_ishne(folder, ecg, identity=None):
    path = folder / "record.ecg"
    path.write_bytes(ishne_head(b"ISHNE1.0", ecg, identity) + ecg.counts.astype("<i2").tobytes())
    return Written(path)


def ishne_head(mark, ecg, identity=None):
    """The header of an ISHNE recording, or of its annotations."""
    head = bytearray(522)
    struct.pack_into("<8sHiiiih", head, 0, mark, 0, 0, ecg.counts.size, 522, 522, 1)
    if identity:
        names = identity.name.encode(), identity.identifier.encode()
        struct.pack_into("<40s40s20s", head, 28, names[0], names[0], names[1])
        date = identity.date
        struct.pack_into("<3h3h", head, 132, date.day, date.month, date.year, 27, 12, 1934)
    none = [-9] * 10
    struct.pack_into("<h12h12h12h", head, 156, 2, 6, 11, *none, 1, 1, *none, 5000, 5000, *none)
    struct.pack_into("<H", head, 272, round(ecg.fs))
    return bytes(head)


def write_aecg(folder, ecg, identity=None):
    path = folder / "record.xml"
    said = ""
    if identity:
        said = (
            f'<id root="1.2.3" extension="{identity.identifier}"/><name>{identity.name}</name>'
            f'<birthTime value="{identity.date:%Y%m%d}"/><!-- {identity.name} -->'
        )
    time = '<head value="20021122091000.000"/><increment value="0.004" unit="s"/>'
    parts = [f'<code code="TIME_ABSOLUTE"/><value xsi:type="GLIST_TS">{time}</value>']
    for lead, counts in zip(("II", "V1"), ecg.counts.T, strict=True):
        digits = " ".join(map(str, counts))
        parts.append(
            f'<code code="MDC_ECG_LEAD_{lead}"/><value xsi:type="SLIST_PQ"><origin value="0" '
            f'unit="uV"/><scale value="5" unit="uV"/><digits>{digits}</digits></value>'
        )
    parts = "".join(f"<component><sequence>{part}</sequence></component>" for part in parts)
    series = f"<component><sequenceSet>{parts}</sequenceSet></component>"
    path.write_text(
        '<?xml version="1.0"?>\n<!-- aECG -->\n<AnnotatedECG xmlns="urn:hl7-org:v3"'
        f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{said}<component><series>'
        f'<code code="RHYTHM"/>{series}</series></component></AnnotatedECG>'
    )
    return Written(path)


def write_muse(folder, ecg, identity=None):
    path = folder / "record.xml"
    said = ""
    if identity:
        said = (
            f"<PatientID>{identity.identifier}</PatientID><PatientLastName>{identity.name}"
            f"</PatientLastName><DateofBirth>{identity.date:%d/%m/%Y}</DateofBirth>"
        )
    leads = "".join(
        f"<LeadData><LeadSampleCountTotal>{len(counts)}</LeadSampleCountTotal>"
        "<LeadAmplitudeUnitsPerBit>5</LeadAmplitudeUnitsPerBit><LeadAmplitudeUnits>MICROVOLTS"
        f"</LeadAmplitudeUnits><LeadID>{lead}</LeadID><WaveFormData>\n{in_base64(counts)}"
        "</WaveFormData></LeadData>"
        for lead, counts in zip(("II", "V1"), ecg.counts.T, strict=True)
    )
    beats = "<QRS><Time>400</Time></QRS><QRS><Time>1200</Time></QRS>"
    path.write_text(
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<!DOCTYPE RestingECG SYSTEM "restecg.dtd">\n'
        f"<RestingECG><PatientDemographics>{said}</PatientDemographics><QRSTimesTypes>{beats}"
        "</QRSTimesTypes><Waveform><WaveformType>Rhythm</WaveformType><SampleBase>250</SampleBase>"
        f"<SampleExponent>0</SampleExponent>{leads}</Waveform></RestingECG>"
    )
    return Written(path)


def in_base64(counts):
    """Integers of two bytes as base64 in lines, as devices break it."""
    return base64.encodebytes(np.asarray(counts, dtype="<i2").tobytes()).decode()


def write_philips(folder, ecg, identity=None):
    path = folder / "record.xml"
    said = ""
    if identity:
        said = (
            f"<generalpatientdata><patientid>{identity.identifier}</patientid><lastname>"
            f"{identity.name}</lastname><dob>{identity.date}</dob></generalpatientdata>"
        )
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<restingecgdata xmlns="http://www3.medical.philips'
        f'.com">{said}<dataacquisition><signalcharacteristics><samplingrate>250</samplingrate>'
        "<resolution>5</resolution></signalcharacteristics></dataacquisition><waveforms>"
        '<parsedwaveforms durationperchannel="4000" dataencoding="Base64" numberofleads="2" '
        f'leadlabels="II V1">{in_base64(ecg.counts.T)}</parsedwaveforms></waveforms>'
        "</restingecgdata>"
    )
    return Written(path)


_WRITERS = (
    *(write_wfdb, write_edf, write_dicom, write_mat, write_csv, write_table),
    *(write_npz, write_npy, write_matlab, write_hdf5),
    *(write_scp, write_ishne, write_aecg, write_muse, write_philips),
)
WRITERS = {function.__name__.removeprefix("write_"): function for function in _WRITERS}


def pytest_generate_tests(metafunc):
    if "file_format" in metafunc.fixturenames:
        metafunc.parametrize("file_format", sorted(WRITERS))


@pytest.fixture
def written(file_format, ecg, tmp_path):
    """The signal in a file of each format in turn."""
    return WRITERS[file_format](tmp_path, ecg)


@pytest.fixture(scope="session")
def write():
    """Write the signal: `write("edf", folder, ecg, identity=None)`."""
    return lambda name, *arguments, **options: WRITERS[name](*arguments, **options)


@pytest.fixture(scope="session", name="scp_of")
def scp_of_fixture():
    """Write SCP-ECG of sections: `scp_of({3: ..., 6: ...})`."""
    return scp_of


@pytest.fixture(scope="session", name="ishne_head")
def ishne_head_fixture():
    """Write a header of ISHNE: `ishne_head(mark, ecg)`."""
    return ishne_head


class Server:
    """Serve `files`; each of `faults` answers one request in place of the right answer."""

    def __init__(self):
        self.files = {}
        self.faults = deque()
        self.requests = []  # of (name, first byte asked for)
        self.stalled = threading.Event()
        self.closing = threading.Event()
        self._httpd = ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        self._thread = threading.Thread(target=self._httpd.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._httpd.server_port}/"

    def close(self):
        self.closing.set()
        self._httpd.shutdown()
        self._thread.join()
        self._httpd.server_close()

    def answer(self, handler, body, start):
        """Send what was asked for, as a server should."""
        if body is None:
            handler.send_error(404)
        elif start and start >= len(body):
            handler.send_error(416)
        else:
            handler.send_response(206 if start else 200)
            handler.send_header("Content-Length", str(len(body) - start))
            handler.end_headers()
            handler.wfile.write(body[start:])

    def truncate(self, handler, body, start):
        """Promise the whole file and hang up in the middle of it."""
        self._begin(handler, body, start)

    def stall(self, handler, body, start):
        """Promise the whole file, send half of it, and keep silent."""
        self._begin(handler, body, start)
        self.stalled.set()
        self.closing.wait()

    def ignore_range(self, handler, body, start):
        """Send the whole file whatever part was asked for."""
        self.answer(handler, body, 0)

    @staticmethod
    def fail(status):
        """Make a fault that answers with an error."""
        return lambda handler, body, start: handler.send_error(status)

    def _begin(self, handler, body, start):
        handler.send_response(206 if start else 200)
        handler.send_header("Content-Length", str(len(body) - start))
        handler.end_headers()
        handler.wfile.write(body[start : len(body) // 2])
        handler.wfile.flush()

    def _make_handler(server):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.path.removeprefix("/")
                asked = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
                start = int(asked[1]) if asked else 0
                server.requests.append((name, start))
                respond = server.faults.popleft() if server.faults else server.answer
                respond(self, server.files.get(name), start)

            def log_message(self, *args):
                pass

        return Handler


@pytest.fixture
def server(monkeypatch):
    """Server of made-up files, with downloads that lose no time on it."""
    for name in ("no_proxy", "NO_PROXY"):  # the first goes before the second
        monkeypatch.setenv(name, "127.0.0.1")
    monkeypatch.setattr(_download, "_PAUSE_S", 0.0)
    monkeypatch.setattr(_download, "_CHUNK_SIZE", 16)
    server = Server()
    yield server
    server.close()

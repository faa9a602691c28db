"use strict";
(() => {
  // A millimetre is 96 / 25.4 pixels of CSS, on a screen as on paper.
  const MM = 96 / 25.4;
  const USUAL_SPEED = 25 * MM; // pixels a second
  const [LEAST_GAIN, MOST_GAIN] = [4 * MM, 30 * MM]; // pixels a mV
  const USUAL_GAIN = 10 * MM;
  const MOST_HEIGHT = 760; // pixels of the strip
  const SHORTEST = 0.5; // seconds in a strip
  const BLOCK = 64; // values whose lowest and highest are kept for strips of hours
  const ROWS_AT_ONCE = 20;
  const PAPER = ["#f7d9d6", "#e9aaa4"];
  const GAP = "#d4d4d4", SHADE = "240, 160, 0";
  const FOR = "192, 48, 0", AGAINST = "0, 103, 177"; // as in AttributionDisplay

  const data = JSON.parse(document.getElementById("data").textContent);
  const find = (id) => document.getElementById(id);
  const withoutRate = new Set(data.withoutRate); // the first beat, and those after a gap
  const strip = find("strip"), overview = find("overview");
  const view = { begin: 0, span: 10, chosen: -1, segmentClass: 0, printing: false };
  let leads = [], beats = { n: 0 }, order = [], shownKind = -1, nRows = ROWS_AT_ONCE;

  // Unpacking ------------------------------------------------------------------------------------

  async function unpack(id) {
    const letters = atob(find(id).textContent);
    const bytes = new Uint8Array(letters.length);
    for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  async function unpackLead(about, number) {
    const bytes = await unpack(`lead-${number}`);
    const n = about.tiles.length * about.length;
    const low = Math.ceil(n / 8), high = low + n;
    const values = new Float32Array(n);
    for (let tile = 0; tile < about.tiles.length; tile++) {
      const step = about.steps[tile];
      let sum = 0;
      for (let i = tile * about.length; i < (tile + 1) * about.length; i++) {
        const zigzag = bytes[low + i] | (bytes[high + i] << 8);
        sum += (zigzag >>> 1) ^ -(zigzag & 1);
        values[i] = bytes[i >> 3] & (128 >> (i & 7)) ? NaN : sum * step;
      }
    }
    // Where each tile of the recording is among those that were kept.
    const places = new Int32Array(Math.ceil(about.n / about.length) || 1).fill(-1);
    about.tiles.forEach((tile, place) => { places[tile] = place; });
    const lead = { ...about, values, places };
    const nBlocks = Math.ceil(about.n / BLOCK);
    lead.lows = new Float32Array(nBlocks);
    lead.highs = new Float32Array(nBlocks);
    for (let block = 0; block < nBlocks; block++) {
      const [lowest, highest] = extremes(lead, block * BLOCK, (block + 1) * BLOCK);
      lead.lows[block] = lowest;
      lead.highs[block] = highest;
    }
    // A row is as high as the usual waves of its lead; higher ones run into the next row.
    const middle = medianOf(lead, 0, lead.n);
    lead.above = clamp(usual(lead.highs, 0.99) - middle, 0.9, 3) + 0.2;
    lead.below = clamp(middle - usual(lead.lows, 0.01), 0.4, 2);
    return lead;
  }

  async function unpackBeats() {
    const bytes = await unpack("beat-times");
    const n = bytes.length / (data.hasProbabilities ? 7 : 5) | 0;
    const differences = new DataView(bytes.buffer);
    const times = new Float64Array(n);
    for (let i = 0, step = 0; i < n; i++) {
      step += differences.getUint32(4 * i, true);
      times[i] = step / data.fs;
    }
    const part = (number) => bytes.subarray((4 + number) * n, (5 + number) * n);
    const unpacked = { n, times, kinds: part(0) };
    if (data.hasProbabilities) Object.assign(unpacked, { sure: part(1), rivals: part(2) });
    return unpacked;
  }

  // The value at a time step: NaN in a gap, undefined where nothing was kept.
  function valueAt(lead, step) {
    if (step < 0 || step >= lead.n) return undefined;
    const place = lead.places[step / lead.length | 0];
    return place < 0 ? undefined : lead.values[place * lead.length + step % lead.length];
  }

  function extremes(lead, from, to) {
    let lowest = Infinity, highest = -Infinity;
    for (let step = from; step < Math.min(to, lead.n); step++) {
      const value = valueAt(lead, step);
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
    }
    return [lowest, highest];
  }

  // A quantile of values that are finite.
  function usual(values, share) {
    const sorted = values.filter(Number.isFinite).sort();
    return sorted.length ? sorted[Math.floor(share * (sorted.length - 1))] : 0;
  }

  // Geometry -------------------------------------------------------------------------------------

  const clamp = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));

  function show(begin, span = view.span) {
    view.span = clamp(span, SHORTEST, longestSpan());
    view.begin = clamp(begin, 0, data.duration - view.span);
    draw();
  }

  const lastShown = () => Math.min(view.begin + view.span, data.duration);
  const goTo = (time) => show(time - view.span / 2);

  function zoom(factor, at = view.begin + view.span / 2) {
    const span = clamp(view.span * factor, SHORTEST, longestSpan());
    show(at - (at - view.begin) * span / view.span, span);
  }

  // At 25 mm/s a short recording leaves some of the paper empty.
  const usualSpan = () => strip.clientWidth / USUAL_SPEED;
  const longestSpan = () => Math.max(data.duration, usualSpan());

  function clock(time, digits = 0) {
    const whole = Math.floor(time * 10 ** digits + 1e-6) / 10 ** digits;
    const pad = (value, width) => value.toFixed(0).padStart(width, "0");
    const seconds = (whole % 60).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
    return `${Math.floor(whole / 3600)}:${pad(Math.floor(whole / 60) % 60, 2)}:${seconds}`;
  }

  // Make a canvas sharp, and return its context and its size in pixels of CSS.
  function prepare(canvas, height) {
    const width = canvas.clientWidth, ratio = view.printing ? 3 : window.devicePixelRatio || 1;
    canvas.style.height = `${height}px`;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.font = "12px system-ui, sans-serif";
    context.textBaseline = "middle";
    return [context, width, height];
  }

  function niceStep(least, steps) {
    return steps.find((step) => step >= least) || steps[steps.length - 1];
  }

  // Drawing --------------------------------------------------------------------------------------

  function draw() {
    drawStrip();
    drawOverview();
  }

  function drawStrip() {
    const top = 24, bottom = 22;
    const wanted = leads.reduce((sum, lead) => sum + lead.above + lead.below, 0) * USUAL_GAIN;
    const closer = Math.min(1, MOST_HEIGHT / Math.max(wanted, 1));
    const [context, width, height] = prepare(strip, top + wanted * closer + bottom);
    const speed = width / view.span;
    const gain = clamp(speed * 0.4, LEAST_GAIN, MOST_GAIN);
    const x = (time) => (time - view.begin) * speed;
    drawPaper(context, width, top, height - bottom, speed, gain);
    shadeSegments(context, x, width, top, height - bottom);
    shadeBeats(context, x, top, height - bottom);
    let rowTop = top;
    for (const lead of leads) {
      const above = lead.above * USUAL_GAIN * closer, below = lead.below * USUAL_GAIN * closer;
      shadeTimes(context, lead, x, rowTop, above + below);
      drawLead(context, lead, x, speed, gain, width, rowTop, rowTop + above, rowTop + above + below);
      rowTop += above + below;
    }
    drawTimes(context, x, speed, width, height - bottom);
    markBeats(context, x, width, top, height - bottom);
    strip.dataset.begin = view.begin;
    strip.dataset.span = view.span;
    find("place").textContent =
      `${clock(view.begin, 1)} to ${clock(lastShown(), 1)} of ${clock(data.duration)}` +
      ` · ${+(speed / MM).toPrecision(2)} mm/s, ${+(gain / MM).toPrecision(2)} mm/mV`;
  }

  function drawPaper(context, width, top, bottom, speed, gain) {
    const isTrue = Math.abs(gain / speed - 0.4) < 1e-6;
    for (const [number, seconds] of [0.04, 0.2].entries()) {
      if (seconds * speed < 3) continue;
      context.strokeStyle = PAPER[number];
      context.lineWidth = number ? 0.9 : 0.5;
      context.beginPath();
      for (let k = Math.ceil(view.begin / seconds); k * seconds <= view.begin + view.span; k++) {
        const at = (k * seconds - view.begin) * speed;
        context.moveTo(at, top);
        context.lineTo(at, bottom);
      }
      const mv = seconds * 2.5; // a square is a square
      for (let at = bottom; isTrue && at >= top; at -= mv * gain) {
        context.moveTo(0, at);
        context.lineTo(width, at);
      }
      context.stroke();
    }
    context.strokeStyle = PAPER[1];
    context.lineWidth = 1;
    context.strokeRect(0.5, top, width - 1, bottom - top);
  }

  function drawLead(context, lead, x, speed, gain, width, top, baseline, bottom) {
    const from = Math.max(Math.floor(view.begin * lead.fs) - 1, 0);
    const to = Math.min(Math.ceil((view.begin + view.span) * lead.fs) + 2, lead.n);
    const middle = baseline + gain * medianOf(lead, from, to);
    const y = (value) => middle - value * gain;
    const perPixel = lead.fs / speed;
    drawGaps(context, lead, x, from, to, top, bottom - top);
    context.strokeStyle = "black";
    context.lineWidth = 1.1;
    context.lineJoin = "round";
    context.beginPath();
    if (perPixel <= 2) {
      let isDown = false;
      for (let step = from; step < to; step++) {
        const value = valueAt(lead, step);
        if (!(value === value) || value === undefined) { isDown = false; continue; }
        if (isDown) context.lineTo(x(step / lead.fs), y(value));
        else context.moveTo(x(step / lead.fs), y(value));
        isDown = true;
      }
    } else {
      const useBlocks = perPixel > 4 * BLOCK;
      for (let pixel = 0; pixel < width; pixel++) {
        const first = from + Math.floor(pixel * perPixel), last = from + Math.floor((pixel + 1) * perPixel);
        const [lowest, highest] = useBlocks ? blockExtremes(lead, first, last) : extremes(lead, first, last + 1);
        if (lowest > highest) continue;
        context.moveTo(pixel + 0.5, y(lowest) + 0.5);
        context.lineTo(pixel + 0.5, y(highest) - 0.5);
      }
    }
    context.stroke();
    label(context, lead.name, 4, Math.max(top + 9, baseline - 34), true);
  }

  function blockExtremes(lead, from, to) {
    let lowest = Infinity, highest = -Infinity;
    const last = Math.min(Math.floor(to / BLOCK), lead.lows.length - 1);
    for (let block = Math.floor(from / BLOCK); block <= last; block++) {
      lowest = Math.min(lowest, lead.lows[block]);
      highest = Math.max(highest, lead.highs[block]);
    }
    return [lowest, highest];
  }

  function medianOf(lead, from, to) {
    const some = [], stride = Math.max(Math.floor((to - from) / 2000), 1);
    for (let step = from; step < to; step += stride) {
      const value = valueAt(lead, step);
      if (value === value && value !== undefined) some.push(value);
    }
    some.sort((a, b) => a - b);
    return some.length ? some[some.length >> 1] : 0;
  }

  function drawGaps(context, lead, x, from, to, top, height) {
    const stride = Math.max(Math.floor((to - from) / 4000), 1);
    const kindOf = (step) => {
      const value = valueAt(lead, step);
      return value === undefined ? "not in this file" : value === value ? "" : "gap";
    };
    let begin = from, kind = from < to ? kindOf(from) : "";
    for (let step = from; step <= to; step += stride) {
      const next = step < to ? kindOf(step) : "end";
      if (next === kind && step + stride <= to) continue;
      if (kind) {
        const left = Math.max(x(begin / lead.fs), 0), right = x(Math.min(step, to) / lead.fs);
        context.fillStyle = GAP;
        context.fillRect(left, top + height * 0.2, right - left, height * 0.6);
        if (right - left > 90) label(context, kind, left + 6, top + height / 2, false);
      }
      begin = step;
      kind = next;
    }
  }

  function label(context, text, left, middle, isBold) {
    context.font = `${isBold ? "bold " : ""}12px system-ui, sans-serif`;
    context.textAlign = "left";
    context.lineWidth = 3;
    context.strokeStyle = "rgba(255, 255, 255, 0.85)";
    context.strokeText(text, left, middle);
    context.fillStyle = "black";
    context.fillText(text, left, middle);
    context.font = "12px system-ui, sans-serif";
  }

  function drawTimes(context, x, speed, width, bottom) {
    const steps = [0.2, 1, 2, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400];
    const step = niceStep(76 / speed, steps);
    context.fillStyle = "#444";
    context.textAlign = "center";
    for (let k = Math.ceil(view.begin / step); k * step <= lastShown(); k++) {
      const at = x(k * step);
      if (at > 26 && at < width - 26) context.fillText(clock(k * step, step < 1 ? 1 : 0), at, bottom + 12);
    }
  }

  function shadeSegments(context, x, width, top, bottom) {
    if (!data.segments) return;
    const { begins, length, probabilities } = data.segments;
    // Overlapping segments part what they share: shaded twice, it would look more probable.
    const shared = Math.max(begins[0] + length - begins[1], 0) / 2 || 0;
    context.textAlign = "center";
    begins.forEach((begin, number) => {
      const probability = probabilities[number][view.segmentClass];
      const from = number ? begin + shared : begin;
      const to = Math.min(begin + length - (number + 1 < begins.length ? shared : 0), data.duration);
      const left = Math.max(x(from), 0), right = Math.min(x(to), width);
      if (probability === null || right <= left) return;
      context.fillStyle = `rgba(${SHADE}, ${0.5 * probability})`;
      context.fillRect(left, top, right - left, bottom - top);
      if (right - left > 30) {
        context.fillStyle = "black";
        context.fillText(probability.toFixed(2), (left + right) / 2, bottom - 10);
      }
    });
  }

  // What spoke for a class is red, and what spoke against it blue.
  function shade(context, weight, left, top, width, height) {
    context.fillStyle = `rgba(${weight > 0 ? FOR : AGAINST}, ${0.45 * Math.abs(weight)})`;
    context.fillRect(left, top, width, height);
  }

  // The beats around the chosen one, each up to half way to its neighbours.
  function shadeBeats(context, x, top, bottom) {
    const row = explained(view.chosen);
    if (row < 0) return;
    data.reasons.weights[row].forEach((weight, k) => {
      const beat = view.chosen + k - data.reasons.before;
      if (beat < 0 || beat >= beats.n) return;
      const at = beats.times[beat];
      const from = beat ? (beats.times[beat - 1] + at) / 2 : at - 0.3;
      const to = beat + 1 < beats.n ? (at + beats.times[beat + 1]) / 2 : at + 0.3;
      shade(context, weight, x(from), top, x(to) - x(from), bottom - top);
    });
  }

  function shadeTimes(context, lead, x, top, height) {
    const column = data.reasons && data.reasons.leads ? data.reasons.leads.indexOf(lead.name) : -1;
    if (column < 0) return;
    const length = data.reasons.length;
    data.reasons.weights.forEach((row, i) => {
      shade(context, row[column], x(i * length), top, x(length) - x(0), height);
    });
  }

  const explained = (beat) => (data.reasons && data.reasons.beats ? data.reasons.beats.indexOf(beat) : -1);

  function markBeats(context, x, width, top, bottom) {
    const first = firstBeatFrom(view.begin), last = firstBeatFrom(view.begin + view.span);
    const hasRoom = (last - first) * 12 < width;
    context.textAlign = "center";
    for (let i = first; i < last; i++) {
      const at = x(beats.times[i]), isNormal = data.kinds[beats.kinds[i]] === "N";
      const color = data.beatsFrom === "detector" ? "#777" : data.colors[beats.kinds[i]];
      if (i === view.chosen) {
        context.fillStyle = "rgba(0, 103, 177, 0.14)";
        context.fillRect(at - 12, 0, 24, explained(i) < 0 ? bottom : top); // one colour at a place
      }
      context.strokeStyle = color;
      context.fillStyle = color;
      if (hasRoom && data.beatsFrom !== "detector") {
        context.font = isNormal ? "12px system-ui, sans-serif" : "bold 14px system-ui, sans-serif";
        context.fillText(data.kinds[beats.kinds[i]], at, 12);
      }
      if (isNormal && !hasRoom) continue;
      context.globalAlpha = isNormal ? 0.3 : 0.8;
      context.lineWidth = 1;
      context.setLineDash(hasRoom ? [4, 3] : []);
      context.beginPath();
      context.moveTo(at, hasRoom ? 20 : 6);
      context.lineTo(at, hasRoom && data.beatsFrom !== "detector" ? bottom : top - 2);
      context.stroke();
      context.setLineDash([]);
      context.globalAlpha = 1;
    }
    context.font = "12px system-ui, sans-serif";
  }

  function firstBeatFrom(time) {
    let low = 0, high = beats.n;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (beats.times[middle] < time) low = middle + 1; else high = middle;
    }
    return low;
  }

  // Heart rate over all of the recording, with ectopic beats and unusable strips below it.
  function drawOverview() {
    if (data.duration < 60) { overview.hidden = true; overview.style.display = "none"; return; }
    const chart = 84, kinds = ectopicKinds(), bottom = 22;
    const rows = kinds.length + (data.unusable.length ? 1 : 0);
    const [context, width] = prepare(overview, 8 + chart + rows * 14 + bottom);
    const left = 34, scale = (width - left - 62) / data.duration;
    const x = (time) => left + time * scale;
    const [lows, middles, highs] = data.rates;
    const known = [...lows, ...highs].filter((rate) => rate !== null);
    const lowest = Math.floor(Math.min(50, ...known) / 10) * 10;
    const highest = Math.ceil(Math.min(Math.max(100, ...known), 250) / 10) * 10;
    const y = (rate) => 8 + chart * (1 - (clamp(rate, lowest, highest) - lowest) / (highest - lowest));
    const step = niceStep((highest - lowest) / 4, [10, 20, 50, 100]);
    context.fillStyle = "#444";
    context.strokeStyle = "#dddddd";
    context.lineWidth = 1;
    for (let rate = Math.ceil(lowest / step) * step; rate <= highest; rate += step) {
      context.textAlign = "right";
      context.fillText(String(rate), left - 5, y(rate));
      context.beginPath();
      context.moveTo(left, y(rate));
      context.lineTo(x(data.duration), y(rate));
      context.stroke();
    }
    const bin = data.binLength;
    context.fillStyle = "rgba(0, 103, 177, 0.2)";
    lows.forEach((low, i) => {
      if (low !== null) context.fillRect(x(i * bin), y(highs[i]), Math.max(bin * scale, 1), Math.max(y(low) - y(highs[i]), 1));
    });
    context.strokeStyle = "#0067b1";
    context.lineWidth = 1.5;
    context.beginPath();
    middles.forEach((rate, i) => {
      if (rate === null) return;
      const at = x(Math.min((i + 0.5) * bin, data.duration));
      if (i && middles[i - 1] !== null) context.lineTo(at, y(rate)); else context.moveTo(at, y(rate));
    });
    context.stroke();
    kinds.forEach(([kind, count], row) => {
      const middle = 8 + chart + row * 14 + 9;
      context.fillStyle = data.colors[kind];
      context.globalAlpha = clamp(400 / count, 0.25, 0.8);
      for (let i = 0; i < beats.n; i++) {
        if (beats.kinds[i] === kind) context.fillRect(x(beats.times[i]) - 0.5, middle - 5, 1, 10);
      }
      context.globalAlpha = 1;
      context.textAlign = "left";
      context.fillText(`${data.kinds[kind]} ${count}`, x(data.duration) + 6, middle);
    });
    if (data.unusable.length) {
      const middle = 8 + chart + kinds.length * 14 + 9;
      context.fillStyle = "#999";
      for (const [begin, end] of data.unusable) context.fillRect(x(begin), middle - 4, Math.max((end - begin) * scale, 1), 8);
      context.fillStyle = "#666";
      context.textAlign = "left";
      context.fillText("unusable", x(data.duration) + 6, middle);
    }
    const height = 8 + chart + rows * 14;
    const steps = [10, 30, 60, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400];
    const tick = niceStep(70 / scale, steps);
    context.fillStyle = "#444";
    context.textAlign = "center";
    for (let time = 0; time <= data.duration; time += tick) context.fillText(clock(time), Math.max(x(time), 26), height + 13);
    context.fillText("beats/min", x(data.duration) + 31, 14);
    context.strokeStyle = "#c03000";
    context.lineWidth = 1.5;
    context.strokeRect(x(view.begin) - 1, 3, Math.max((lastShown() - view.begin) * scale, 2) + 2, height);
    overview.dataset.left = left;
    overview.dataset.scale = scale;
  }

  function ectopicKinds() {
    if (data.beatsFrom === "detector") return [];
    const counts = data.kinds.map(() => 0);
    for (let i = 0; i < beats.n; i++) counts[beats.kinds[i]]++;
    return [...counts.entries()].filter(([kind, count]) => count && data.kinds[kind] !== "N");
  }

  // The list of beats ----------------------------------------------------------------------------

  function sortBeats() {
    const counts = data.kinds.map(() => 0);
    for (let i = 0; i < beats.n; i++) counts[beats.kinds[i]]++;
    const key = beats.sure ? (i) => beats.sure[i] : (i) => counts[beats.kinds[i]];
    order = Array.from({ length: beats.n }, (_, i) => i).sort((a, b) => key(a) - key(b) || a - b);
    return counts;
  }

  function listKinds(counts) {
    const kinds = [-1, ...counts.keys()].filter((kind) => kind < 0 || counts[kind]);
    for (const kind of kinds) {
      const button = document.createElement("button");
      button.textContent = kind < 0 ? `All ${beats.n}` : `${data.kinds[kind]} ${counts[kind]}`;
      button.dataset.kind = kind;
      button.addEventListener("click", () => {
        shownKind = kind;
        nRows = ROWS_AT_ONCE;
        listBeats();
      });
      find("kinds").append(button);
    }
  }

  function cell(tag, content) {
    const made = document.createElement(tag);
    made.append(content);
    return made;
  }

  function listBeats() {
    for (const button of find("kinds").children) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.kind) === shownKind));
    }
    const head = ["time", "class", ...(beats.sure ? ["probability", "or else"] : []), "beats/min"];
    const headRow = document.createElement("tr");
    headRow.append(...head.map((name) => cell("th", name)));
    find("beats-head").replaceChildren(headRow);
    const some = order.filter((i) => shownKind < 0 || beats.kinds[i] === shownKind);
    const rows = some.slice(0, nRows).map((i) => {
      const row = document.createElement("tr");
      const button = cell("button", clock(beats.times[i], 2));
      button.className = "goto";
      const kind = cell("b", data.kinds[beats.kinds[i]]);
      kind.style.color = data.colors[beats.kinds[i]];
      const interval = withoutRate.has(i) ? 0 : beats.times[i] - beats.times[i - 1];
      const rate = interval > 0 ? Math.round(60 / interval) : "";
      const chances = beats.sure ? [(beats.sure[i] / 255).toFixed(2), data.kinds[beats.rivals[i]]] : [];
      row.append(cell("td", button), cell("td", kind), ...chances.map((c) => cell("td", c)), cell("td", String(rate)));
      row.className = i === view.chosen ? "chosen" : "";
      row.addEventListener("click", () => choose(i, true));
      return row;
    });
    find("beats-body").replaceChildren(...rows);
    find("more").hidden = some.length <= nRows;
  }

  function choose(beat, moves) {
    view.chosen = beat;
    const sure = beats.sure
      ? `, probability ${(beats.sure[beat] / 255).toFixed(2)}, or else ${data.kinds[beats.rivals[beat]]}` : "";
    const kind = data.beatsFrom === "detector" ? "" : ` ${data.kinds[beats.kinds[beat]]}`;
    const row = explained(beat), parts = row < 0 ? "" : data.reasons.parts[row];
    const why = parts ? ` What made the probability: ${parts}.` : "";
    find("chosen").textContent = `Beat${kind} at ${clock(beats.times[beat], 2)}${sure}.${why}`;
    if (moves) {
      if (view.span > 60) view.span = usualSpan();
      goTo(beats.times[beat]);
      const box = strip.getBoundingClientRect();
      if (box.top < 0 || box.bottom > innerHeight) strip.scrollIntoView({ block: "center" });
    } else draw();
    if (data.beatsFrom !== "detector") listBeats();
  }

  // What the reader does -------------------------------------------------------------------------

  function listen() {
    const onClick = (id, action) => find(id).addEventListener("click", action);
    onClick("earlier", () => show(view.begin - 0.8 * view.span));
    onClick("later", () => show(view.begin + 0.8 * view.span));
    onClick("closer", () => zoom(0.5));
    onClick("wider", () => zoom(2));
    onClick("paper", () => { const middle = view.begin + view.span / 2; view.span = usualSpan(); goTo(middle); });
    onClick("whole", () => show(0, data.duration));
    onClick("more", () => { nRows += 50; listBeats(); });
    overview.addEventListener("click", (event) => {
      goTo((event.offsetX - overview.dataset.left) / overview.dataset.scale);
    });
    document.querySelectorAll("[data-time]").forEach((button) => {
      button.addEventListener("click", () => {
        show(Number(button.dataset.time), Math.min(view.span, usualSpan()));
        find("trace").scrollIntoView();
      });
    });
    const actions = { ArrowLeft: -0.2, ArrowRight: 0.2, PageUp: -1, PageDown: 1 };
    strip.addEventListener("keydown", (event) => {
      if (event.key in actions) show(view.begin + actions[event.key] * view.span);
      else if (event.key === "+") zoom(0.5);
      else if (event.key === "-") zoom(2);
      else if (event.key === "Home") show(0);
      else if (event.key === "End") show(data.duration);
      else return;
      event.preventDefault();
    });
    strip.addEventListener("wheel", (event) => {
      const isZoom = event.ctrlKey || event.metaKey;
      if (!isZoom && Math.abs(event.deltaX) < Math.abs(event.deltaY)) return; // the page scrolls
      event.preventDefault();
      if (isZoom) zoom(Math.exp(event.deltaY / 200), timeAt(event.offsetX));
      else show(view.begin + event.deltaX / strip.clientWidth * view.span);
    }, { passive: false });
    drag();
    window.addEventListener("resize", () => { if (!view.printing) draw(); });
    window.addEventListener("beforeprint", () => printing(true));
    window.addEventListener("afterprint", () => printing(false));
  }

  const timeAt = (pixel) => view.begin + pixel / strip.clientWidth * view.span;

  // One finger, or the mouse, drags the strip; two fingers zoom it; a click chooses a beat.
  function drag() {
    const fingers = new Map();
    let start = null;
    const begin = () => {
      const places = [...fingers.values()];
      const middle = places.reduce((sum, place) => sum + place, 0) / places.length;
      const apart = places.length > 1 ? Math.abs(places[0] - places[1]) : 0;
      start = places.length ? { middle, apart, time: timeAt(middle), span: view.span, moved: start && start.moved } : null;
    };
    strip.addEventListener("pointerdown", (event) => {
      strip.setPointerCapture(event.pointerId);
      if (!fingers.size) start = null;
      fingers.set(event.pointerId, event.offsetX);
      begin();
    });
    strip.addEventListener("pointermove", (event) => {
      if (!fingers.has(event.pointerId)) return;
      fingers.set(event.pointerId, event.offsetX);
      const places = [...fingers.values()];
      const middle = places.reduce((sum, place) => sum + place, 0) / places.length;
      const apart = places.length > 1 ? Math.max(Math.abs(places[0] - places[1]), 10) : 0;
      if (Math.abs(middle - start.middle) < 4 && !start.moved && !apart) return;
      start.moved = true;
      const span = clamp(start.apart ? start.span * start.apart / apart : start.span, SHORTEST, longestSpan());
      show(start.time - middle / strip.clientWidth * span, span);
    });
    const end = (event) => {
      const wasClick = event.type === "pointerup" && fingers.size === 1 && start && !start.moved;
      fingers.delete(event.pointerId);
      begin();
      if (wasClick) chooseNear(timeAt(event.offsetX));
    };
    strip.addEventListener("pointerup", end);
    strip.addEventListener("pointercancel", end);
  }

  function chooseNear(time) {
    const after = firstBeatFrom(time);
    const near = [after - 1, after].filter((i) => i >= 0 && i < beats.n);
    near.sort((a, b) => Math.abs(beats.times[a] - time) - Math.abs(beats.times[b] - time));
    const within = 24 * view.span / strip.clientWidth;
    if (near.length && Math.abs(beats.times[near[0]] - time) < within) choose(near[0], false);
  }

  // On paper the strip keeps its scale and shows what fits.
  function printing(isNow) {
    view.printing = isNow;
    for (const canvas of [strip, overview]) canvas.style.width = isNow ? `${186 * MM}px` : "";
    if (isNow) Object.assign(view, { beginOnScreen: view.begin, spanOnScreen: view.span });
    if (isNow) show(view.begin, view.span < 60 ? usualSpan() : view.span);
    else show(view.beginOnScreen, view.spanOnScreen);
  }

  function offerSegmentClasses() {
    if (!data.segments) return;
    const select = find("segment-class").querySelector("select");
    select.append(...data.segments.classes.map((name) => cell("option", name)));
    view.segmentClass = select.selectedIndex = data.segments.shown;
    select.addEventListener("change", () => { view.segmentClass = select.selectedIndex; draw(); });
    find("segment-class").hidden = false;
  }

  async function begin() {
    listen();
    offerSegmentClasses();
    beats = await unpackBeats();
    leads = await Promise.all(data.leads.map(unpackLead));
    if (beats.n && data.beatsFrom !== "detector") {
      find("beats").hidden = false;
      listKinds(sortBeats());
      listBeats();
    }
    view.span = usualSpan();
    show(0);
    document.body.dataset.ready = "true";
  }

  begin().catch((error) => {
    find("place").textContent = `This browser cannot show the signal (${error.message}). Try a newer one.`;
  });
})();

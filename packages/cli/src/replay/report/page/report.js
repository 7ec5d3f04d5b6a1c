// The script of the report page. Runs in the browser, on the JSON in the page and uPlot, which stands before it.
(() => {
  const report = JSON.parse(document.getElementById('data').textContent);
  const { windows, totals, latencyMs, throughput, verification } = report;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const whole = (n) => Math.round(n).toLocaleString('en-US');
  const short = (n) =>
    Math.abs(n) >= 100 ? whole(n) : n.toLocaleString('en-US', { maximumSignificantDigits: 3 });
  const duration = (ms) => (ms >= 10000 ? `${short(ms / 1000)} s` : `${short(ms)} ms`);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  /** An element with classes and children; text goes in as text, never as HTML. */
  function element(tag, className, ...children) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    node.append(...children);
    return node;
  }

  function heading() {
    document.title = `Furrow replay, ${report.startedAt.slice(0, 16).replace('T', ' ')}`;
    document.getElementById('title').textContent =
      `${whole(totals.acceptedReadings)} readings in ${short(report.seconds)} s`;
    const shift = report.shiftMs === 0 ? 'times as recorded' : 'times moved so that the newest is now';
    document.getElementById('subtitle').textContent =
      `${report.source} → ${report.target} · ${report.rate} · ${shift} · began ${report.startedAt.slice(0, 19).replace('T', ' ')} UTC`;
    const verdict = document.getElementById('verdict');
    const [className, text] = verdictOf();
    verdict.classList.add(className);
    verdict.textContent = text;
  }

  function verdictOf() {
    if (report.stopped) return ['bad', 'Stopped before the end'];
    if (!verification) {
      const failed = totals.messages - totals.accepted;
      return failed > 0
        ? ['bad', `${whole(failed)} messages were not taken`]
        : ['plain', 'Sent; not read back'];
    }
    const { missing, wrong, duplicate, right } = verification;
    if (missing + wrong + duplicate === 0) {
      const sample =
        verification.sample < 1 ? ` (a sample of ${short(verification.sample * 100)} % of the factors)` : '';
      return ['good', `All ${whole(right)} points read back right${sample}`];
    }
    return ['bad', `${whole(missing)} missing, ${whole(wrong)} wrong, ${whole(duplicate)} duplicate`];
  }

  function tiles() {
    const from = report.latencyFrom === 'due' ? 'from when it was due' : 'from when it was sent';
    const figures = [
      [
        'Readings a second',
        whole(throughput.readingsPerSecond),
        '',
        `${short(throughput.messagesPerSecond)} messages/s`,
      ],
      ['Latency p50', duration(latencyMs.p50), '', from],
      [
        'Latency p99',
        duration(latencyMs.p99),
        '',
        `p99.9 ${duration(latencyMs.p999)}, most ${duration(latencyMs.max)}`,
      ],
      ['Messages', whole(totals.accepted), '', `${whole(totals.messages - totals.accepted)} not taken`],
      [
        'Late sends',
        whole(totals.late),
        '',
        report.latencyFrom === 'due' ? `of ${whole(totals.messages)}` : 'nothing was due at a time',
      ],
      [
        'Replay process',
        whole(report.process.maxRssMiB),
        'MiB',
        `at most; ${short(report.process.cpuSeconds)} s of CPU`,
      ],
    ];
    document.getElementById('tiles').append(
      ...figures.map(([label, figure, unit, note]) => {
        const value = element('p', 'figure', figure);
        if (unit) value.append(' ', element('span', 'unit', unit));
        return element('div', 'card tile', element('p', 'label', label), value, element('p', 'note', note));
      }),
    );
  }

  const seconds = windows.map(({ fromSeconds, toSeconds }) => (fromSeconds + toSeconds) / 2);
  const watched = report.watched.map(({ url }) => url);
  const host = (url) => url.replace(/^https?:\/\//, '').replace(/\/metrics$/, '');
  const ofWatched = (pick) =>
    watched.map((url, index) => ({
      name: host(url),
      colour: ['--c4', '--c5', '--c2'][index % 3],
      values: windows.map((window) => (window.watched[url] ? pick(window.watched[url]) : null)),
    }));

  /** Every chart: its unit, and its lines, which may have gaps. One that has nothing to show says so. */
  const charts = [
    {
      title: 'Throughput',
      unit: 'readings/s',
      fill: true,
      lines: [{ name: 'accepted', colour: '--c1', values: windows.map((w) => w.readingsPerSecond) }],
    },
    {
      title: 'Latency',
      unit: 'ms, logarithmic',
      log: true,
      lines: [
        ['p50', '--c1'],
        ['p90', '--c4'],
        ['p99', '--c2'],
        ['max', '--c3'],
      ].map(([name, colour]) => ({
        name,
        colour,
        values: windows.map((w) => (w.latencyMs.count > 0 ? Math.max(0.01, w.latencyMs[name]) : null)),
      })),
    },
    {
      title: 'Backlog',
      unit: 'messages on the queue',
      fill: true,
      none: 'The queue could not be asked.',
      lines: [{ name: 'backlog', colour: '--c4', values: windows.map((w) => w.backlog) }],
    },
    {
      title: 'Refused and late',
      unit: 'in each interval',
      lines: [
        { name: 'refused by the target', colour: '--c3', values: windows.map((w) => w.refused) },
        { name: 'late sends', colour: '--c2', values: windows.map((w) => w.late) },
        ...ofWatched((w) => w.refused).map((line) => ({
          ...line,
          name: `readings refused by ${line.name}`,
          values: line.values.map((value, at) =>
            value === null || at === 0 || line.values[at - 1] === null ? null : value - line.values[at - 1],
          ),
        })),
      ],
    },
    {
      title: 'Memory',
      unit: 'MiB resident',
      zero: true,
      lines: [
        { name: 'replay', colour: '--c1', values: windows.map((w) => w.rssMiB) },
        ...ofWatched((w) => w.rssMiB),
      ],
    },
    {
      title: 'CPU',
      unit: 'cores',
      zero: true,
      lines: [
        { name: 'replay', colour: '--c1', values: windows.map((w) => w.cpuCores) },
        ...ofWatched((w) => w.cpuCores),
      ],
    },
  ];

  const drawn = [];

  function chartCard(chart) {
    const area = element('div', 'area');
    const keys = element('div', 'keys');
    const head = element(
      'div',
      'chart-head',
      element('h2', '', chart.title),
      element('span', 'muted', chart.unit),
    );
    const card = element('div', 'card chart', head, area, keys);
    card.dataset.chart = chart.title;
    document.getElementById('charts').append(card);
    const lines = chart.lines.filter(({ values }) => values.some((value) => value !== null));
    if (lines.length === 0) {
      area.append(element('p', 'muted', chart.none ?? 'Nothing was measured.'));
      return;
    }
    drawn.push({ chart, lines, area, keys, plot: undefined });
  }

  function showKeys({ lines, keys }, at) {
    keys.replaceChildren(
      ...lines.map(({ name, colour: key, values }) => {
        const swatch = element('span', 'swatch');
        swatch.style.background = `var(${key})`;
        const value = at === null ? Math.max(...values.filter((v) => v !== null)) : values[at];
        const text = value === null || value === undefined ? '–' : short(value);
        return element('span', '', swatch, `${name} `, element('b', '', at === null ? `max ${text}` : text));
      }),
      ...(at === null ? [] : [element('span', '', `at ${short(seconds[at])} s`)]),
    );
  }

  function draw(entry) {
    const { chart, lines, area } = entry;
    entry.plot?.destroy();
    const axis = {
      stroke: colour('--muted'),
      font: '12px system-ui, sans-serif',
      ticks: { show: false },
      grid: { stroke: colour('--grid'), width: 1 },
    };
    const options = {
      width: Math.max(200, area.clientWidth),
      height: 200,
      legend: { show: false },
      padding: [8, 20, 0, 0],
      cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
      scales: {
        x: { time: false },
        y: chart.log ? { distr: 3 } : { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] },
      },
      axes: [
        { ...axis, size: 32, values: (_, splits) => splits.map((s) => `${short(s)} s`) },
        { ...axis, size: 62, values: (_, splits) => splits.map((s) => (s === null ? '' : compact(s))) },
      ],
      series: [
        {},
        ...lines.map((line) => ({
          stroke: colour(line.colour),
          width: 2,
          spanGaps: true,
          points: { show: seconds.length < 3, size: 6, fill: colour(line.colour) },
          ...(chart.fill && { fill: `${colour(line.colour)}22` }),
        })),
      ],
      hooks: { setCursor: [(plot) => showKeys(entry, plot.cursor.idx ?? null)] },
    };
    entry.plot = new uPlot(options, [seconds, ...lines.map(({ values }) => values)], area);
    showKeys(entry, null);
  }

  function compact(n) {
    if (n >= 1e6) return `${short(n / 1e6)} M`;
    return n >= 1e4 ? `${short(n / 1e3)} k` : short(n);
  }

  function drawAll() {
    for (const entry of drawn) draw(entry);
  }

  function tableCard(title, rows) {
    if (rows.length === 0) return;
    const body = rows.map(([name, value, isNumber]) =>
      element('tr', '', element('th', '', name), element('td', isNumber ? 'number' : '', String(value))),
    );
    const card = element('div', 'card', element('h2', '', title), element('table', '', ...body));
    document.getElementById('tables').append(card);
  }

  const counted = (counts) => Object.entries(counts).map(([name, count]) => [name, whole(count), true]);
  const place = ({ agriId, t, expected, read }) =>
    `${agriId} at ${new Date(t).toISOString()}: ${expected === undefined ? '' : `sent ${expected}`}${read === undefined ? '' : ` read ${read}`}`;

  function tables() {
    if (verification) {
      const { expected, right, missing, wrong, duplicate, others, contested, unverifiable } = verification;
      tableCard(`Read back from ${verification.from}`, [
        ['Expected', whole(expected), true],
        ['Right', whole(right), true],
        ['Missing', whole(missing), true],
        ['Wrong', whole(wrong), true],
        ['Duplicate', whole(duplicate), true],
        ...(others > 0 ? [['Other points of these factors', whole(others), true]] : []),
        ...(contested > 0
          ? [['Of the right: sent with several values, only presence checked', whole(contested), true]]
          : []),
        ...Object.entries(unverifiable).map(([why, count]) => [`Not verifiable: ${why}`, whole(count), true]),
        ...(verification.firstMissing ? [['First missing', place(verification.firstMissing)]] : []),
        ...(verification.firstWrong ? [['First wrong', place(verification.firstWrong)]] : []),
        ...(verification.firstDuplicate ? [['First duplicate', place(verification.firstDuplicate)]] : []),
      ]);
    }
    tableCard(
      'Not taken by the target',
      report.refused.map(({ reason, count }) => [reason, whole(count), true]),
    );
    tableCard('Readings that had to be refused', counted(report.mustBeRefused));
    for (const { url, refused } of report.watched) {
      tableCard(
        `Readings refused by ${host(url)}`,
        refused.map(({ reason, count }) => [reason, whole(count), true]),
      );
    }
    tableCard('Latency', [
      ['Mean', duration(latencyMs.mean), true],
      ['p50', duration(latencyMs.p50), true],
      ['p90', duration(latencyMs.p90), true],
      ['p99', duration(latencyMs.p99), true],
      ['p99.9', duration(latencyMs.p999), true],
      ['Most', duration(latencyMs.max), true],
    ]);
    tableCard('Run', [
      ['Source', report.source],
      ['Target', report.target],
      ['Rate', report.rate],
      ['Connections', whole(report.connections)],
      ...(report.quarantine
        ? [
            [
              'Messages in quarantine',
              `${whole(report.quarantine.before)} before, ${whole(report.quarantine.after)} after`,
            ],
          ]
        : []),
      ...(report.skipped.count > 0
        ? [['Left out of the source', `${whole(report.skipped.count)}: ${report.skipped.first.join('; ')}`]]
        : []),
      [
        'Machine',
        `${report.machine.cpu}, ${report.machine.cores} cores, ${whole(report.machine.memoryMiB / 1024)} GiB`,
      ],
      ['Node', `${report.machine.node} on ${report.machine.platform}`],
    ]);
    document.getElementById('footer').textContent =
      'Latency runs from when a message was due to the answer that the target has it; waiting for a free connection counts. The JSON of this page stands in it, in the script element “data”.';
  }

  heading();
  tiles();
  charts.forEach(chartCard);
  drawAll();
  tables();
  dark.addEventListener('change', drawAll);
  addEventListener('resize', drawAll);
})();

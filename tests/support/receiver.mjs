#!/usr/bin/env node
// receiver.mjs: an HTTPS webhook receiver that logs every request and answers as a script says.
//
//   receiver.mjs --dir DIR --cert FILE --key FILE [--port N] [--host 127.0.0.1] [--http1-only]
//                [--script FILE] [--log FILE] [--secret whsec_…]… [--max-seconds 600] [--record-body] [--stall-uploads]
//
// --stall-uploads: HTTP/2 clients are granted no window, so that no body ever arrives.
// DIR/port appears when it listens, DIR/pid with it; both go when it stops. Exit 0 on SIGTERM, SIGINT and after
// --max-seconds, 2 on bad usage. SIGHUP reads the script again, SIGUSR1 closes every open connection.
//
// Log: one JSON line per request whose body arrived whole, written before the answer is, so an answered request is
// never missing: {ts_ms, n, proto, conn, resumed, method, path, headers, body_sha256, body_bytes, body?, signature, status, action}.
// `status` is the one it is about to answer, null where the action sends none.
//
// Script: {"rules": [{"match": {path, id, type, tenant, body_contains}, "sequence": [ACTION…], "per_id": false,
// "repeat_last": true}], "default": ACTION, "secrets": [whsec_…, …]}. The first rule of which every given key matches
// serves its next action; after the last one it repeats that, or with repeat_last false leaves the request to "default"
// (204 when not given). With "secrets", what none of them signed is answered 401.
// The file is looked at on every request; a changed one starts all sequences anew, an unreadable one changes nothing.
//
// ACTION: {"status": 200, "headers": {}, "body": "", "delay_ms": 0}, and at most one of the `actions` below.
import crypto from 'node:crypto';
import fs from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import path from 'node:path';
import { Readable, pipeline } from 'node:stream';
import { parseArgs } from 'node:util';

const ignore = () => {};
const complain = (text) => process.stderr.write(`receiver: ${text}\n`);

// First of all: until a handler is set, Node answers SIGUSR1 with its debugger.
process.on('SIGUSR1', () => connections.forEach((connection) => connection.close()));

// ---- what it can do to a request: each action of the script, its `status` in the log, and how it is done

const CHUNK = Buffer.alloc(65536, 'x');
const ENDLESS = 10 * 2 ** 30;
const LIE = { announced: 1000, sent: '0123456789' };
const LAST_WORDS_MS = 100;

function* chunks(left) {
  for (; left > 0; left -= CHUNK.length) yield left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK;
}

function head({ res, action, status }, extra) {
  res.statusCode = status;
  for (const [name, value] of Object.entries({ ...extra, ...action.headers })) res.setHeader(name, value);
}

const actions = {
  answer: {
    status: 200,
    run(x) {
      head(x);
      x.res.end(x.action.body);
    },
  },
  // {"redirect": URL}
  redirect: {
    status: 302,
    run(x) {
      head(x, { location: x.action.redirect });
      x.res.end(x.action.body);
    },
  },
  // {"hang": true}: the request is read and never answered.
  hang: { status: null, run: ignore },
  // {"reset": true}: the connection ends with a TCP RST.
  reset: { status: null, run: (x) => x.connection.reset() },
  // {"close_before_headers": true}
  close_before_headers: { status: null, run: (x) => x.connection.close() },
  // {"close_mid_headers": true}: half a header, then the end. HTTP/2 has no half header: the connection just closes.
  close_mid_headers: {
    status: null,
    run: (x) => (x.h2 ? x.connection.close() : x.req.socket.end('HTTP/1.1 200 OK\r\nContent-Ty')),
  },
  // {"drip_headers": MS}: a header byte by byte, that never ends. HTTP/2 has no part of a header: it is never answered.
  drip_headers: {
    status: null,
    run(x) {
      if (x.h2) return;
      x.req.socket.write('HTTP/1.1 200 OK\r\nX-Long: ');
      const timer = setInterval(() => x.req.socket.write('.'), x.action.drip_headers);
      x.req.socket.on('close', () => clearInterval(timer));
    },
  },
  // {"drip": {"bytes": N, "interval_ms": MS}}: headers at once, then the body byte by byte.
  drip: {
    status: 200,
    run(x) {
      let left = x.action.drip.bytes;
      head(x, { 'content-length': left });
      x.res.flushHeaders();
      const timer = setInterval(() => (left-- > 0 ? x.res.write('.') : x.res.end()), x.action.drip.interval_ms);
      x.res.on('close', () => clearInterval(timer));
    },
  },
  // {"huge": BYTES}: a body without an announced length, so that the client has to count.
  huge: {
    status: 200,
    run(x) {
      head(x);
      pipeline(Readable.from(chunks(x.action.huge)), x.res, ignore);
    },
  },
  // {"endless": true}: 10 GiB are announced, and sent as long as anybody reads them.
  endless: {
    status: 200,
    run(x) {
      head(x, { 'content-length': ENDLESS });
      pipeline(Readable.from(chunks(ENDLESS)), x.res, ignore);
    },
  },
  // {"lie_content_length": true}: fewer bytes than announced, and then the end.
  lie_content_length: {
    status: 200,
    run(x) {
      head(x, { 'content-length': LIE.announced });
      if (x.h2) x.res.end(LIE.sent);
      else x.res.write(LIE.sent, () => x.connection.close());
    },
  },
  // {"goaway": true}: GOAWAY that leaves out this stream, then the connection closes; HTTP/1.1 has only the close.
  // Node cannot name stream 0 as the last one taken, so on a fresh connection each stream is refused: to a client the same.
  goaway: {
    status: null,
    run(x) {
      if (!x.h2) return x.connection.close();
      const { stream } = x.req;
      x.connection.goneFrom = Math.min(stream.id, x.connection.goneFrom);
      if (stream.id === 1) stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
      else stream.session.goaway(http2.constants.NGHTTP2_NO_ERROR, stream.id - 2);
      setTimeout(() => x.connection.close(), LAST_WORDS_MS);
    },
  },
  // {"refuse_stream": true}: RST_STREAM REFUSED_STREAM; HTTP/1.1 closes the connection.
  refuse_stream: {
    status: null,
    run: (x) => (x.h2 ? x.req.stream.close(http2.constants.NGHTTP2_REFUSED_STREAM) : x.connection.close()),
  },
};

const MODIFIERS = ['status', 'headers', 'body', 'delay_ms'];
const MATCHERS = {
  path: (seen, want) => seen.path.split('?', 1)[0] === want,
  id: (seen, want) => seen.headers['webhook-id'] === want,
  type: (seen, want) => seen.headers['ce-type'] === want,
  tenant: (seen, want) => seen.headers['ce-tenantid'] === want,
  body_contains: (seen, want) => seen.body.includes(want),
};

// ---- the script: which action comes next

// A misspelt key would make a test pass for the wrong reason, so every key is checked.
function only(object, allowed, where) {
  for (const key of Object.keys(object)) if (!allowed.includes(key)) throw new Error(`unknown key "${key}" in ${where}`);
}

function readAction(action, where) {
  only(action, [...MODIFIERS, ...Object.keys(actions)], where);
  const [kind = 'answer', second] = Object.keys(action).filter((key) => !MODIFIERS.includes(key) && action[key] !== false);
  if (second) throw new Error(`both "${kind}" and "${second}" in ${where}`);
  return { ...action, kind };
}

function readScript(text) {
  const script = JSON.parse(text);
  only(script, ['rules', 'default', 'secrets'], 'the script');
  const rules = (script.rules ?? []).map((rule, i) => {
    only(rule, ['match', 'sequence', 'per_id', 'repeat_last'], `rule ${i + 1}`);
    only(rule.match ?? {}, Object.keys(MATCHERS), `match of rule ${i + 1}`);
    if (!rule.sequence?.length) throw new Error(`rule ${i + 1} has no sequence`);
    return {
      match: Object.entries(rule.match ?? {}),
      sequence: rule.sequence.map((action) => readAction(action, `rule ${i + 1}`)),
      perId: rule.per_id ?? false,
      repeatLast: rule.repeat_last ?? true,
      used: new Map(),
    };
  });
  return { rules, fallback: readAction(script.default ?? { status: 204 }, 'default'), keys: script.secrets && readKeys(script.secrets) };
}

class Script {
  #file;
  #version = '';
  #current = readScript('{}');

  constructor(file) {
    this.#file = file;
    if (file && fs.existsSync(file)) this.read();
  }

  read() {
    const { ino, size, mtimeMs } = fs.statSync(this.#file);
    const version = `${ino} ${size} ${mtimeMs}`;
    this.#current = readScript(fs.readFileSync(this.#file, 'utf8'));
    this.#version = version;
  }

  // One stat costs 2 µs: less than a test that posts right after writing its script would lose by a stale one.
  refresh() {
    const stat = this.#file && fs.statSync(this.#file, { throwIfNoEntry: false });
    if (!stat || this.#version === `${stat.ino} ${stat.size} ${stat.mtimeMs}`) return;
    try {
      this.read();
    } catch (error) {
      complain(`${this.#file}: ${error.message}; the script before it stays`);
    }
  }

  reload() {
    this.#version = '';
    this.refresh();
  }

  get keys() {
    return this.#current.keys;
  }

  next(seen) {
    for (const rule of this.#current.rules) {
      if (!rule.match.every(([key, want]) => MATCHERS[key](seen, want))) continue;
      const counter = rule.perId ? seen.headers['webhook-id'] : '';
      const step = rule.used.get(counter) ?? 0;
      rule.used.set(counter, step + 1);
      if (step < rule.sequence.length) return rule.sequence[step];
      return rule.repeatLast ? rule.sequence.at(-1) : this.#current.fallback;
    }
    return this.#current.fallback;
  }
}

// ---- the signature: Standard Webhooks, symmetric (v1)

const TOLERANCE_S = 300;
const REFUSAL = { kind: 'answer', status: 401 };

const readKeys = (secrets) => secrets.map((secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'));

function checkSignature(keys, headers, body) {
  if (!keys.length) return 'unchecked';
  const given = headers['webhook-signature'];
  if (!given) return 'absent';
  const timestamp = headers['webhook-timestamp'];
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= TOLERANCE_S)) return 'invalid';
  const signatures = given.split(' ');
  const matches = (key) => {
    const hmac = crypto.createHmac('sha256', key).update(`${headers['webhook-id']}.${timestamp}.`).update(body);
    return signatures.includes(`v1,${hmac.digest('base64')}`);
  };
  return keys.some(matches) ? 'valid' : 'invalid';
}

// ---- connections: numbered, and each with the TCP socket below TLS, which alone can send an RST

const connections = new Map();
const peer = (socket) => `${socket.remoteAddress} ${socket.remotePort}`;
let connectionCount = 0;

class Connection {
  number = ++connectionCount;
  goneFrom = Infinity; // the first stream that a GOAWAY disowned

  constructor(tcp) {
    this.tcp = tcp;
    this.tls = tcp;
  }

  // Without the detour through http2, which would say GOAWAY.
  close() {
    if (this.tls.alpnProtocol === 'h2') this.tls.destroy();
    else this.tls.end(() => this.tls.destroy());
  }

  reset() {
    this.tcp.resetAndDestroy();
    this.tls.destroy();
  }
}

function track(server) {
  server.on('connection', (tcp) => {
    const key = peer(tcp);
    connections.set(key, new Connection(tcp));
    tcp.on('error', ignore).on('close', () => connections.delete(key));
  });
  // Before http2's own listener, so that a session finds its connection.
  server.prependListener('secureConnection', (tls) => {
    const connection = connections.get(peer(tls));
    if (!connection) return tls.destroy();
    connection.tls = tls;
    tls.connection = connection;
    tls.on('error', ignore);
  });
  server.on('session', (session) => {
    session.connection = session.socket.connection;
    session.on('error', ignore);
  });
  for (const event of ['error', 'sessionError']) server.on(event, ignore);
  server.on('tlsClientError', (_, tls) => tls.destroy());
  server.on('clientError', (_, socket) => socket.destroy());
}

// ---- a request

function receive(req, res, done) {
  const parts = [];
  req.on('error', ignore).on('data', (part) => parts.push(part));
  req.on('end', () => req.complete && done(req, res, parts.length === 1 ? parts[0] : Buffer.concat(parts)));
  res.on('error', ignore);
}

function answerer({ script, keys, log, recordBody }) {
  let count = 0;
  return (req, res, body) => {
    const h2 = req.httpVersionMajor === 2;
    const connection = h2 ? req.stream.session?.connection : req.socket.connection;
    if (!connection) return;
    const seen = { path: req.url, headers: req.headers, body };
    script.refresh();
    const disowned = h2 && req.stream.id >= connection.goneFrom;
    const signature = checkSignature(script.keys ?? keys, req.headers, body);
    const refused = script.keys && signature !== 'valid';
    const action = disowned ? { kind: connection.goneFrom === 1 ? 'refuse_stream' : 'hang' } : refused ? REFUSAL : script.next(seen);
    const { status: usual, run } = actions[action.kind];
    const status = usual === null ? null : action.status ?? usual;
    const line = {
      ts_ms: Date.now(),
      n: ++count,
      proto: h2 ? 'h2' : 'h1',
      conn: connection.number,
      resumed: connection.tls.isSessionReused(),
      method: req.method,
      path: req.url,
      headers: req.headers,
      body_sha256: crypto.createHash('sha256').update(body).digest('hex'),
      body_bytes: body.length,
      body: recordBody ? body.toString() : undefined,
      signature,
      status,
      action: disowned ? 'after_goaway' : action.kind,
    };
    fs.writeSync(log, `${JSON.stringify(line)}\n`);
    const go = () => {
      try {
        if (!(h2 ? req.stream : req.socket).destroyed) run({ req, res, h2, action, status, connection });
      } catch (error) {
        complain(`${action.kind}: ${error.message}`);
        connection.reset();
      }
    };
    if (action.delay_ms) setTimeout(go, action.delay_ms);
    else go();
  };
}

// ---- the process

function usage(text) {
  complain(text);
  process.exit(2);
}

function readOptions() {
  const text = { type: 'string' };
  const flag = { type: 'boolean', default: false };
  const options = {
    dir: text, cert: text, key: text, script: text, log: text,
    port: { ...text, default: '0' }, host: { ...text, default: '127.0.0.1' }, 'max-seconds': { ...text, default: '600' },
    secret: { ...text, multiple: true, default: [] }, 'http1-only': flag, 'record-body': flag,
    'stall-uploads': flag,
  };
  const { values } = parseArgs({ options });
  for (const name of ['dir', 'cert', 'key']) if (!values[name]) throw new Error(`--${name} is missing`);
  for (const name of ['port', 'max-seconds']) if (!/^\d+$/.test(values[name])) throw new Error(`--${name} takes a number`);
  return values;
}

function replaceFile(file, text) {
  fs.writeFileSync(`${file}.new`, text);
  fs.renameSync(`${file}.new`, file);
}

function start(options) {
  const inDir = (name) => path.join(options.dir, name);
  fs.mkdirSync(options.dir, { recursive: true });
  fs.rmSync(inDir('port'), { force: true });

  const script = new Script(options.script);
  const answer = answerer({
    script,
    keys: readKeys(options.secret),
    log: fs.openSync(options.log ?? inDir('received.jsonl'), 'a'),
    recordBody: options['record-body'],
  });

  const serverOptions = {
    cert: fs.readFileSync(options.cert),
    key: fs.readFileSync(options.key),
    allowHTTP1: true,
    // Nothing closes or refuses unless the script says so: neither an idle connection, nor many bodies at once, nor
    // (with a Node that lets us say so; the others end a session after 1000 resets in a burst) a client's resets.
    keepAliveTimeout: 0,
    maxSessionMemory: 1000,
    streamResetBurst: 1e6,
    streamResetRate: 1e6,
    settings: options['stall-uploads'] ? { initialWindowSize: 0 } : {},
  };
  const server = (options['http1-only'] ? https.createServer : http2.createSecureServer)(serverOptions);
  track(server);
  server.on('request', (req, res) => receive(req, res, answer));

  const stop = () => {
    const mine = fs.existsSync(inDir('pid')) && fs.readFileSync(inDir('pid'), 'utf8').trim() === String(process.pid);
    if (mine) for (const name of ['port', 'pid']) fs.rmSync(inDir(name), { force: true });
    process.exit(0);
  };
  process.on('SIGTERM', stop).on('SIGINT', stop).on('SIGHUP', () => script.reload());
  setTimeout(stop, Number(options['max-seconds']) * 1000);

  server.once('error', (error) => server.listening || usage(error.message));
  server.listen({ port: Number(options.port), host: options.host, backlog: 4096 }, () => {
    replaceFile(inDir('pid'), `${process.pid}\n`);
    replaceFile(inDir('port'), `${server.address().port}\n`);
  });
}

try {
  start(readOptions());
} catch (error) {
  usage(error.message);
}

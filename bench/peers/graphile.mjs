// Graphile Worker as the peer: fills its queue, or drains it into a webhook and ends.
//
//   graphile.mjs fill N | drain N
//
// Drained is a queue of which every job was tried. Tuned as well as we could: jobs kept locally, completions batched.
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import { payload, poster } from './webhook.mjs';

const [verb, text] = process.argv.slice(2);
const count = Number(text);
const connectionString = process.env.DATABASE_URL;
const concurrency = Number(process.env.CONCURRENCY ?? 24);
const logger = new Logger(() => () => {});

if (verb === 'fill') {
  const utils = await makeWorkerUtils({ connectionString, logger });
  await utils.migrate();
  await utils.withPgClient((client) =>
    client.query(
      `SELECT graphile_worker.add_jobs(array_agg(spec)) FROM (
         SELECT row('webhook', $2::json, NULL, NULL, NULL, NULL, NULL, NULL)::graphile_worker.job_spec AS spec, n / 1000 AS part
           FROM generate_series(0, $1::int - 1) n) s GROUP BY part`,
      [count, payload],
    ),
  );
  await utils.release();
} else {
  const post = poster(concurrency);
  let left = count;
  const done = Promise.withResolvers();
  const runner = await run({
    connectionString,
    logger,
    noHandleSignals: true,
    preset: { worker: { concurrentJobs: concurrency, localQueue: { size: 500 }, completeJobBatchDelay: 10, failJobBatchDelay: 10, maxPoolSize: 10 } },
    taskList: {
      webhook: async (job, { job: { id } }) => {
        const accepted = await post(id, job);
        if (--left === 0) done.resolve();
        if (!accepted) throw new Error('refused');
      },
    },
  });
  await done.promise;
  await runner.stop();
  await post.close();
}

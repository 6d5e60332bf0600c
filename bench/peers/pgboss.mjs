// pg-boss as the peer: fills its queue, or drains it into a webhook and ends.
//
//   pgboss.mjs fill N | drain N
//
// Drained is a queue of which every job was tried. Tuned as well as we could: fetched by 500 in two loops, completed as one.
import { PgBoss } from 'pg-boss';
import { payload, poster } from './webhook.mjs';

const [verb, text] = process.argv.slice(2);
const count = Number(text);
const connectionString = process.env.DATABASE_URL;
const concurrency = Number(process.env.CONCURRENCY ?? 24);
const batch = 500;

const boss = new PgBoss({ connectionString, schedule: false, supervise: false });
boss.on('error', (error) => {
  process.stderr.write(`pgboss.mjs: ${error.message}\n`);
  process.exit(1);
});
await boss.start();
if (verb === 'fill') {
  await boss.createQueue('webhook', { retryDelay: 5 });
  const data = JSON.parse(payload);
  for (let sent = 0; sent < count; sent += batch) {
    await boss.insert('webhook', Array.from({ length: Math.min(batch, count - sent) }, () => ({ data })));
  }
} else {
  const loops = 2;
  const post = poster(concurrency);
  const drain = async () => {
    for (;;) {
      const jobs = await boss.fetch('webhook', { batchSize: batch });
      if (jobs.length === 0) return;
      const accepted = await Promise.all(jobs.map((job) => post(job.id, job.data)));
      const ids = (wanted) => jobs.filter((_, nth) => accepted[nth] === wanted).map((job) => job.id);
      if (accepted.includes(true)) await boss.complete('webhook', ids(true));
      if (accepted.includes(false)) await boss.fail('webhook', ids(false));
    }
  };
  await Promise.all(Array.from({ length: loops }, drain));
  await post.close();
}
await boss.stop({ graceful: false });

// How the peers post: undici, kept-alive HTTP/1.1 connections, as many as requests in flight.
import fs from 'node:fs';
import { Pool } from 'undici';

export const payload = JSON.stringify({ filler: 'x'.repeat(1011) });

// post(id, job) tells whether the receiver accepted it; post.close() ends the connections.
export function poster(connections) {
  const url = new URL(process.env.WEBHOOK_URL);
  const pool = new Pool(url.origin, { connections, connect: { ca: fs.readFileSync(process.env.WEBHOOK_CA_FILE) } });
  const post = async (id, job) => {
    const headers = { 'content-type': 'application/json', 'webhook-id': id };
    const { statusCode, body } = await pool.request({ path: url.pathname, method: 'POST', headers, body: JSON.stringify(job) });
    await body.dump();
    return statusCode === 204;
  };
  post.close = () => pool.close();
  return post;
}

// A sandbox for one run of node --test.
import assert from 'node:assert';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, beforeEach, test } from 'node:test';

let child, sandbox;
const post = async (path, fields) => {
  const body = new URLSearchParams(fields);
  return (await fetch(sandbox.base_url + path, { method: 'POST', body })).json();
};

before(async () => {
  const seed = process.env.SEED ?? 'sandbox.toml';
  const options = { stdio: ['ignore', 'pipe', 'inherit'] };
  child = spawn(process.env.VITALD ?? 'vitald', ['sandbox', '--json', '--seed', seed], options);
  for await (const line of createInterface({ input: child.stdout })) {
    sandbox = JSON.parse(line);
    break;
  }
  await post('/vitald/v1/snapshot', { save: 'start' });
});
beforeEach(() => post('/vitald/v1/snapshot', { restore: 'start' }));
after(() => new Promise((ended) => child.on('exit', ended).kill()));

const token = 'access-of-anna';
const weights = () =>
  post('/measure', { action: 'getmeas', meastype: 1, category: 1, access_token: token });

test('the weight of the seed is there', async () => {
  assert.equal((await weights()).body.measuregrps[0].measures[0].value, 6685);
});

test('a token ends', async () => {
  await post('/vitald/v1/clock', { advance: '4h' });
  assert.equal((await weights()).status, 401);
});

test('and is good again in the next test', async () => {
  assert.equal((await weights()).status, 0);
});

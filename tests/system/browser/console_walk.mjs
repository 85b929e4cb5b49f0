// Drives the console in a real browser: node console_walk.mjs SCENARIO LOGIN_ADDRESS
// Prints what it did, one line a step; exit code 1 and the reason on stderr if a step fails.
import { chromium } from 'playwright-core';
import assert from 'node:assert/strict';

const [scenario, loginAddress] = process.argv.slice(2);
const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const stepLimit = 1000 * Number(process.env.SYSTEM_TEST_TIME_SCALE ?? 1) * 3;
const problems = [];

const say = (text) => console.log(text);

function watch(page) {
  page.setDefaultTimeout(stepLimit);
  page.on('pageerror', (error) => problems.push(`page error: ${error.message}`));
  page.on('console', (entry) => {
    if (entry.type() === 'error') problems.push(`console error: ${entry.text()} (${entry.location().url})`);
  });
  page.on('dialog', (dialog) => {
    problems.push(`a dialog opened: ${dialog.message()}`);
    dialog.dismiss();
  });
}

async function logIn(page) {
  await page.goto(loginAddress);
  await Promise.all([page.waitForURL((url) => !url.pathname.startsWith('/login')), page.locator('form [type=submit], form button').first().click()]);
  say(`logged in: ${page.url()}`);
}

const title = async (page) => (await page.locator('h1').first().textContent()).trim();
const member = (page, id) => page.locator(`[id="${id}"]`);

async function expectLevel(page, level) {
  await page.waitForFunction((wanted) => document.body.innerText.includes(wanted), level);
  assert.match(await title(page), new RegExp(`\\b${level}\\b`));
  say(`level ${level}`);
}

async function walkToActor(page) {
  for (const level of ['HEAD', 'PRIME', 'PROCESS', 'ACTORS']) {
    await expectLevel(page, level);
    const button = member(page, 'first.main.admin');
    assert.ok(await button.getAttribute('data-next_level'), 'data-next_level is missing');
    assert.ok((await button.getAttribute('data-recipient')) !== null, 'data-recipient is missing');
    await Promise.all([page.waitForURL(/level=/), button.click()]);
    await page.waitForLoadState();
  }
  await expectLevel(page, 'ACTOR');
}

async function readAnswer(page, wanted) {
  await page.waitForFunction((text) => {
    const box = document.getElementById('answer');
    return (box.value ?? box.textContent).includes(text);
  }, wanted);
  return page.evaluate(() => {
    const box = document.getElementById('answer');
    return box.value ?? box.textContent;
  });
}

async function ask(page, recipient, command, body, wanted) {
  await page.fill('#command', command);
  await page.fill('#body', body);
  await page.fill('#recipient', recipient);
  await page.click('#ask');
  const answer = await readAnswer(page, wanted);
  const message = JSON.parse(answer);
  assert.equal(message.command, wanted);
  say(`ask ${recipient} ${command} -> ${message.command}`);
  return message;
}

const scenarios = {
  // Four clicks on the head's button, then SEND of quit to the page's own system.
  async click_and_quit(page) {
    await walkToActor(page);
    assert.equal(await page.inputValue('#recipient'), 'first.main.admin');
    assert.equal(await page.inputValue('#timeout'), '10');
    await page.fill('#command', 'quit');
    await page.click('#send');
    say('sent quit');
  },

  // The first part of the walk-through of the seed.
  async walk_through(page) {
    await walkToActor(page);
    const main = 'first.main.admin';
    await ask(page, main, 'create_actor',
      '{"class_desc": {"requires_dist": "peacepie_example", "class": "HelloWorld"}, "name": "hello_world"}', 'actor_is_created');
    await ask(page, 'hello_world', 'tick', '', 'hello_world');
    await page.click('#send');
    await readAnswer(page, 'The message is sent');
    await ask(page, main, 'remove_actor', '{"name": "hello_world"}', 'actor_is_removed');
    await ask(page, main, 'create_actor',
      '{"class_desc": {"requires_dist": "peacepie_example", "class": "IteratingHelloWorld"}, "name": "iterating_hello_world"}', 'actor_is_created');
    await ask(page, 'iterating_hello_world', 'set_params',
      '{"params": [{"name": "period", "value": 2}, {"name": "limit", "value": null}]}', 'params_are_set');
    await ask(page, 'iterating_hello_world', 'tick_start', '', 'tick_started');
    const created = await ask(page, main, 'create_process', '', 'actor_is_created');
    assert.equal(created.body.node, 'first.process_0.admin');
    await ask(page, 'iterating_hello_world', 'tick_stop', '', 'tick_stopped');
    await ask(page, main, 'remove_actor', '{"name": "iterating_hello_world"}', 'actor_is_removed');
    await ask(page, '{"node": "first.process_0.admin", "entity": null}', 'get_work_path', '', 'work_path');
    await ask(page, main, 'quit', '', 'is_quiting');
  },

  // A page of an application works, but not as the user who opened it.
  async application_page(page, context) {
    const [id] = process.argv.slice(4);
    await page.goto(new URL(`/app/${id}/`, loginAddress).href);
    assert.match(page.url(), new RegExp(`/app/${id}~[0-9a-f]{32}/$`));
    await page.waitForFunction(() => document.title === 'done');
    const found = JSON.parse(await page.locator('#found').textContent());
    say(JSON.stringify(found));
    assert.equal(found.origin, 'null');
    assert.equal(found.style, 'rgb(1, 2, 3)', 'its own style is loaded');
    assert.equal(found.own_file, 'data of the page');
    assert.deepEqual(found.own_handler, { method: 'POST', body: '{"from":"page"}' });
    assert.equal(found.own_socket, 'got hello');
    for (const [attempt, outcome] of Object.entries(found.attempts)) {
      assert.match(outcome, /^refused/, `${attempt}: ${outcome}`);
    }
    assert.ok(Object.keys(found.attempts).length >= 8);
    const again = await context.request.get(new URL('/api/v1/applications', loginAddress).href);
    assert.equal(again.status(), 200, 'the user is logged in all the while');
    const names = (await again.json()).applications.map((each) => each.name);
    assert.deepEqual(names, ['Page'], 'nothing was made');
    problems.length = 0; // what was refused is in the console
  },

  // The page of tasks: a script that asks is answered, its output comes as it is printed, markup in it is text.
  async tasks(page) {
    const start = async (body) => page.evaluate(async (wish) => (await fetch('/api/v1/tasks', { method: 'POST', body: JSON.stringify(wish) })).json(), body);
    const echo = await start({ command: ['/bin/sh', '-c', 'echo "<b>ask</b>"; read line; echo "got $line" >&2; cat; sleep 1000'], stdin: 'open' });
    await page.goto(new URL(`/?level=actor&recipient=first.main.admin&id=task_${echo.id}&lang=en`, loginAddress).href);
    await Promise.all([page.waitForURL(/\/tasks\?id=/), page.click('#task_page')]);
    const output = (wanted) => page.waitForFunction((text) => document.getElementById('output').textContent.includes(text), wanted);
    await output('<b>ask</b>');
    await page.focus('#line');
    await page.keyboard.type('hello');
    await page.keyboard.press('Enter');
    await output('got hello');
    assert.equal(await page.locator('#output .stderr').textContent(), 'got hello\n');
    await page.waitForFunction(() => document.getElementById('line').value === '');
    await page.click('#close');
    await page.click('#cancel');
    await page.waitForFunction(() => document.getElementById('facts').textContent.includes('cancelled'));
    assert.ok(await page.locator('#write').isDisabled());
    await Promise.all([page.waitForURL((url) => url.searchParams.get('id') !== echo.id), page.click('#rerun')]);
    await output('got');
    await page.click('#cancel_tree');
    await page.waitForFunction(() => document.getElementById('facts').textContent.includes('cancelled'));
    say('a task was driven');
    await start({ command: ['/bin/sh', '-c', 'exit 3', '<img src=x onerror=alert(1)>'] });
    await page.goto(new URL('/tasks?lang=en', loginAddress).href);
    await page.waitForFunction(() => document.querySelectorAll('#tasks tr').length === 3);
    assert.equal(await page.locator('img').count(), 0);
    for (let tries = 0; tries < 50; tries++) {
      await page.selectOption('#state', 'failed');
      await Promise.all([page.waitForURL(/state=failed/), page.click('#filter button')]);
      await page.waitForFunction(() => document.querySelectorAll('#tasks tr').length > 0 || document.getElementById('queue').textContent !== '');
      if ((await page.locator('#tasks tr').count()) === 1) break;
      await page.waitForTimeout(100); // its end may still be written down
    }
    assert.ok((await page.locator('#tasks').textContent()).includes('code 3'));
    await page.goto(new URL('/tasks?lang=ru', loginAddress).href);
    for (const label of ['Задачи', 'Окружения', 'Состояние', 'Показать']) {
      assert.ok((await page.locator('body').innerText()).includes(label), `the label ${label} is missing`);
    }
    say('tasks were listed');
  },

  // Environments: made, changed and removed.
  async venvs(page) {
    page.setDefaultTimeout(60_000);
    await page.goto(new URL('/tasks?view=venvs&lang=en', loginAddress).href);
    await page.fill('#venv_name', 'bad name');
    await page.click('#create button');
    await page.waitForFunction(() => document.getElementById('problem').textContent !== '');
    problems.length = 0; // the browser itself notes the refusal as an error
    await page.fill('#venv_name', 'mine');
    await page.keyboard.press('Enter');
    const row = page.locator('tr[data-venv="mine"]');
    await row.waitFor();
    await page.waitForFunction(() => document.querySelector('tr[data-venv="mine"]').textContent.includes('ready'));
    await row.locator('input').fill('no-such-package-here');
    await row.locator('input').press('Enter');
    await page.waitForFunction(() => document.getElementById('problem').textContent.length > 0);
    problems.length = 0;
    await page.locator('tr[data-venv="mine"] button').last().click();
    await row.waitFor({ state: 'detached' });
    say('an environment came and went');
  },

  // Names are text, whatever they hold; pages, the way back, languages and the keyboard.
  async browse(page, context) {
    await page.goto(new URL('/?level=actors&recipient=first.main.admin', loginAddress).href);
    await expectLevel(page, 'ACTORS');
    const evil = '<img src=x onerror=alert(1)>"\'&';
    const seen = new Set();
    const look = async () => {
      for (const id of await page.locator('[data-next_level="actor"]').evaluateAll((all) => all.map((one) => one.id))) seen.add(id);
    };
    for (let number = 1; number <= 3; number++) {
      await look();
      const next = page.getByText('>', { exact: true });
      if (number < 3) await Promise.all([page.waitForURL(new RegExp(`_page_${number}`)), next.click()]);
    }
    for (let tries = 0; tries < 50 && !seen.has('member_09'); tries++) {
      await page.waitForTimeout(100); // the last page may still be coming
      await look();
    }
    assert.ok(seen.has(evil), `the odd name is not there: ${[...seen]}`);
    assert.ok(seen.has('member_09'), `the pages do not hold all members: ${[...seen]}`);
    assert.equal(await page.locator('img[src="x"]').count(), 0);
    await page.goto(new URL(`/?level=actor&recipient=first.main.admin&id=${encodeURIComponent(evil)}`, loginAddress).href);
    await expectLevel(page, 'ACTOR');
    assert.equal(await page.inputValue('#recipient'), evil);
    await page.goto(new URL('/?level=actor&recipient=first.main.admin&id=x&lang=ru', loginAddress).href);
    for (const label of ['Команда', 'Тело', 'Таймаут', 'Получатель', 'Ответ сервера']) {
      assert.ok((await page.locator('body').innerText()).includes(label), `the label ${label} is missing`);
    }
    assert.equal(await page.locator('html').getAttribute('lang'), 'ru');
    await page.goto(new URL('/?level=actor&recipient=first.main.admin&id=member_01&lang=en', loginAddress).href);
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    assert.ok(!(await page.locator('body').innerText()).includes('Команда'));
    await page.focus('#command');
    await page.keyboard.type('who');
    for (let i = 0; i < 10 && (await page.evaluate(() => document.activeElement.id)) !== 'ask'; i++) await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'ask', 'the button ASK is not reached with Tab');
    await page.keyboard.press('Enter');
    await readAnswer(page, 'here_is');
    say('keyboard works');
    const stranger = await context.browser().newContext();
    const answer = await (await stranger.newPage()).goto(new URL('/', loginAddress).href);
    assert.ok(answer.status() === 401 || new URL(answer.url()).pathname.startsWith('/login'), `a stranger got ${answer.status()}`);
    await stranger.close();
  },
};

const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] });
try {
  const context = await browser.newContext();
  const page = await context.newPage();
  watch(page);
  await logIn(page);
  await scenarios[scenario](page, context);
  assert.deepEqual(problems, []);
  say('done');
} catch (error) {
  console.error(`${scenario}: ${error.stack}\nproblems: ${JSON.stringify(problems)}`);
  process.exitCode = 1;
} finally {
  await browser.close();
}

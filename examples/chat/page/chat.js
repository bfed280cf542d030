'use strict';

const element = (id) => document.getElementById(id);
const typingMs = 3000;

// Whom we are, and what we know of the room we are in.
const me = {name: '', room: '', to: null};
const seen = new Set();     // ids of messages that are shown
const typing = new Map();   // name -> timer that forgets it

// Without a server there is no script from it: say so instead of showing a dead form.
if (typeof io === 'undefined') {
  element('refusal').textContent = 'The server does not serve the Socket.IO client.';
  throw new Error('no io');
}
const socket = io({autoConnect: false});

// Coming and going

element('name').value = sessionStorage.getItem('name') ?? '';
element('room').value = location.hash ? decodeURIComponent(location.hash.slice(1)) : 'lobby';

element('join').addEventListener('submit', (event) => {
  event.preventDefault();
  me.name = element('name').value.trim();
  me.room = element('room').value.trim();
  if (socket.connected) join();
  else socket.connect();
});

element('leave').addEventListener('click', () => {
  socket.disconnect();
  me.name = '';
  showDoor('');
});

function join() {
  socket.timeout(5000).emit('join', me.name, me.room, (late, error, view) => {
    if (late) return showConnection('The server does not answer.', true);
    if (error) return showDoor(error);
    showRoom(view);
  });
}

socket.on('connect', () => {
  showConnection('');
  // After a short break the server knows us still, and has sent what we missed.
  if (!socket.recovered) join();
});
socket.on('expired', join);
socket.on('disconnect', (reason) => {
  if (reason !== 'io client disconnect') showConnection('Connection lost, trying again…', true);
});
socket.on('connect_error', () => {
  if (element('chat').hidden) showDoor('The server cannot be reached.');
  else showConnection('Connection lost, trying again…', true);
});

function showDoor(refusal) {
  element('chat').hidden = true;
  element('door').hidden = false;
  element('refusal').textContent = refusal;
  document.title = 'Chat';
  element('name').focus();
}

function showRoom({people, history}) {
  sessionStorage.setItem('name', me.name);
  location.hash = encodeURIComponent(me.room);
  document.title = `#${me.room} – Chat`;
  element('room-name').textContent = me.room;
  element('door').hidden = true;
  element('chat').hidden = false;
  if (element('messages').dataset.room !== me.room) clearMessages();
  showPeople(people);
  for (const message of history) showMessage(message);
  writeTo(null);
  element('text').focus();
}

function showConnection(text, broken = false) {
  element('connection').textContent = text;
  element('connection').classList.toggle('broken', broken);
}

// People

socket.on('people', showPeople);
socket.on('joined', (name) => showNote(`${name} came in`));
socket.on('left', (name) => {
  setTyping(name, false);
  showNote(`${name} left`);
});
socket.on('typing', setTyping);

function showPeople(names) {
  element('people-count').textContent = names.length;
  element('people').replaceChildren(...names.map((name) => {
    const own = name === me.name;
    const button = make('button', {type: 'button', disabled: own},
        face(name), make('span', {className: 'name'}, own ? `${name} (you)` : name));
    if (!own) button.setAttribute('aria-label', `Write to ${name} alone`);
    button.addEventListener('click', () => {
      showPanel(false);
      writeTo(name);
    });
    return make('li', {}, button);
  }));
}

function showPanel(open) {
  element('people-panel').classList.toggle('open', open);
  element('show-people').setAttribute('aria-expanded', String(open));
}
element('show-people').addEventListener('click', () => {
  showPanel(!element('people-panel').classList.contains('open'));
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') showPanel(false);
});

function setTyping(name, whether) {
  clearTimeout(typing.get(name));
  typing.delete(name);
  if (whether) typing.set(name, setTimeout(() => setTyping(name, false), 2 * typingMs));
  const names = [...typing.keys()];
  element('typing').textContent = names.length === 0 ? '' :
    names.length === 1 ? `${names[0]} is typing…` : `${names.length} people are typing…`;
}

// Messages

socket.on('message', (message) => {
  setTyping(message.from, false);
  showMessage(message);
});
socket.on('private', (message, to) => showMessage(message, to));

function showMessage(message, to = null) {
  if (seen.has(message.id)) return;
  seen.add(message.id);
  const own = message.from === me.name;
  const at = new Date(message.at);
  const item = make('li', {className: `message${own ? ' mine' : ''}${to ? ' secret' : ''}`},
      face(message.from),
      make('div', {className: 'body'},
          make('p', {className: 'head'},
              make('span', {className: 'from'}, own ? 'You' : message.from),
              to ? make('span', {className: 'to'}, own ? `to ${to} alone` : 'to you alone') : '',
              make('time', {dateTime: at.toISOString()},
                  at.toLocaleTimeString([], {hour: '2-digit', minute: '2-digit'}))),
          make('p', {className: 'text'}, message.text)));
  append(item, own);
}

function showNote(text) {
  append(make('li', {className: 'note'}, text), false);
}

function append(item, always) {
  const list = element('messages');
  // Who reads further up is left alone.
  const follow = always || list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  list.append(item);
  if (follow) list.scrollTop = list.scrollHeight;
}

function clearMessages() {
  seen.clear();
  element('messages').dataset.room = me.room;
  element('messages').replaceChildren();
}

// Writing

let toldTypingAt = 0;
element('text').addEventListener('input', () => {
  fitText();
  if (me.to || Date.now() - toldTypingAt < typingMs) return;
  toldTypingAt = Date.now();
  socket.volatile.emit('typing', true);
});
element('text').addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  element('compose').requestSubmit();
});
element('compose').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = element('text').value.trim();
  if (text === '') return;
  const done = (late, error) => {
    if (!late && !error) return showConnection('');
    showConnection(late ? 'The message may not have arrived.' : error, true);
    element('text').value ||= text;
    fitText();
  };
  if (me.to) socket.timeout(5000).emit('private', me.to, text, done);
  else socket.timeout(5000).emit('message', text, done);
  element('text').value = '';
  toldTypingAt = 0;
  fitText();
});
element('to-all').addEventListener('click', () => writeTo(null));

function writeTo(name) {
  me.to = name;
  element('addressee').hidden = name === null;
  element('addressee-name').textContent = name ?? '';
  element('text').focus();
}

function fitText() {
  const text = element('text');
  text.style.height = 'auto';
  text.style.height = `${text.scrollHeight + 2}px`;
}

// Elements

function make(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child) => child !== ''));
  return made;
}

function face(name) {
  const made = make('span', {className: 'face', ariaHidden: 'true'},
      [...name][0].toLocaleUpperCase());
  let hue = 7;
  for (const letter of name) hue = (hue * 31 + letter.codePointAt(0)) % 360;
  made.style.setProperty('--hue', hue);
  return made;
}

/** The page under `?replay`: plays a match from a file, and what one player saw beside it. */

import '../style/players.css';
import '../style/replay.css';
import '../style/replay-transport.css';
import '../style/incident.css';
import { download, element, setText } from '../hud/dom.ts';
import { Feed } from '../hud/feed.ts';
import { readSight, SIGHT_MAGIC } from '../sight/sight-file.ts';
import { Scene } from '../view/scene.ts';
import { EyesList } from './eyes-list.ts';
import { Incident } from './incident.ts';
import { IncidentBar } from './incident-bar.ts';
import { Opener } from './opener.ts';
import { Player } from './player.ts';
import { ReplayFileError } from './replay-file-error.ts';
import { installReplayHooks } from './replay-hooks.ts';
import type { Mark } from './scrubber.ts';
import { hasMagic } from './sealed.ts';
import { NOBODY } from './story.ts';
import { TransportBar } from './transport-bar.ts';
import { readViewFile, type ViewFile } from './view-file.ts';

/** How a recording begins, from which a view file is made. */
const RECORDING_MAGIC = 'BCMATCH\0';

/** Numbers that change more often than this can't be read, in milliseconds. */
const WORDS_INTERVAL = 100;

const NO_GRAPHICS = 'This browser can’t draw the pond: it has no WebGL.';

/** A match that is open: its bytes for saving, and what shows it. */
interface Open {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly file: ViewFile;
  readonly player: Player;
  readonly transport: TransportBar;
  readonly eyes: EyesList;
  readonly feed: Feed;
}

/** Takes the game's place in the page. */
export async function showReplay(root: HTMLElement, canvas: HTMLCanvasElement): Promise<void> {
  document.title = 'Battle Circles: replay';
  const page = new ReplayPage(root, canvas);
  await page.start();
}

class ReplayPage {
  private readonly stage = element('div', 'replay-stage');
  private readonly title = element('h1', 'replay-title');
  private readonly message = element('p', 'replay-message');
  /** Says whom the camera is on where that isn't who was chosen. */
  private readonly caption = element('p', 'replay-caption');
  private readonly head = element('header', 'replay-head');
  private readonly opener: Opener;
  private readonly drawing: Promise<Scene>;
  private scene: Scene | undefined;
  private open: Open | undefined;
  private incidentBar: IncidentBar | undefined;
  private wordsAt = 0;

  constructor(
    private readonly root: HTMLElement,
    canvas: HTMLCanvasElement,
  ) {
    root.inert = false;
    root.classList.add('replay');
    this.message.setAttribute('role', 'alert');
    this.opener = new Opener(root, (file) => this.take(file));
    this.fillHead();
    this.caption.hidden = true;
    this.stage.append(canvas, this.caption, this.message, this.opener.card);
    root.append(this.head, this.stage);
    window.addEventListener('keydown', (event) => this.press(event));
    this.drawing = createScene(canvas);
  }

  /** Makes the picture; without one the card says why. */
  async start(): Promise<void> {
    installReplayHooks(
      () => this.open?.player,
      () => this.scene,
    );
    try {
      this.scene = await this.drawing;
      this.loop();
    } catch {
      this.opener.say(NO_GRAPHICS);
    }
  }

  private loop(): void {
    requestAnimationFrame((now) => {
      this.drawFrame(now);
      this.loop();
    });
  }

  private drawFrame(now: number): void {
    if (this.open === undefined) {
      return;
    }
    const { player, transport, eyes, feed } = this.open;
    player.draw(now);
    transport.update();
    if (now - this.wordsAt >= WORDS_INTERVAL) {
      this.wordsAt = now;
      const { room } = player.story;
      eyes.update(room, player.there, player.eyes);
      feed.update(room);
      const caption = captionOf(player);
      setText(this.caption, caption);
      this.caption.hidden = caption === '';
      this.incidentBar?.update(player);
    }
  }

  /** Opens a file of either kind; says in one line where that doesn't work. */
  private async take(file: File): Promise<void> {
    this.say('');
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      if (hasMagic(bytes, SIGHT_MAGIC)) {
        this.compare(bytes);
      } else {
        await this.show(file.name, bytes);
      }
    } catch (error) {
      this.say(error instanceof ReplayFileError ? error.message : 'This file can’t be read.');
    }
  }

  private say(sentence: string): void {
    this.opener.say(sentence);
    setText(this.message, this.open === undefined ? '' : sentence);
  }

  private async show(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (hasMagic(bytes, RECORDING_MAGIC)) {
      throw new ReplayFileError(
        'This is a match’s recording; the page plays the view file that is made of it.',
      );
    }
    const file = readViewFile(bytes);
    const scene = await this.drawing.catch((error: unknown) => {
      throw new ReplayFileError(NO_GRAPHICS, { cause: error });
    });
    this.close();
    const player = new Player(file, scene);
    const transport = new TransportBar(player.playback, marksOf(file));
    const eyes = new EyesList((seat) => this.lookThrough(seat));
    const feed = new Feed();
    this.open = { name, bytes, file, player, transport, eyes, feed };
    this.stage.append(feed.root);
    this.root.append(eyes.root, transport.root);
    this.root.classList.add('is-open');
    setText(this.title, file.room === '' ? 'Replay' : `Replay · ${file.room}`);
    player.playback.toggle();
  }

  private close(): void {
    this.endIncident();
    if (this.open !== undefined) {
      const { player, transport, eyes, feed } = this.open;
      for (const { root } of [transport, eyes, feed]) {
        root.remove();
      }
      player.dispose();
      this.open = undefined;
    }
  }

  private compare(bytes: Uint8Array): void {
    if (this.open === undefined) {
      throw new ReplayFileError('This is what a player saw. Open the match’s view file first.');
    }
    const { file, player } = this.open;
    const incident = Incident.match(readSight(bytes), file, player.film);
    this.endIncident();
    player.incident = incident;
    player.side = 'both';
    player.alignment = 'moment';
    this.lookThrough(incident.seat);
    player.playback.seek(incident.start);
    this.incidentBar = new IncidentBar(player, incident.name, () => this.endIncident());
    this.incidentBar.update(player);
    this.stage.append(this.incidentBar.root);
    this.stage.classList.add('has-incident');
  }

  private endIncident(): void {
    this.incidentBar?.root.remove();
    this.incidentBar = undefined;
    this.stage.classList.remove('has-incident');
    if (this.open !== undefined) {
      this.open.player.incident = undefined;
    }
  }

  private lookThrough(seat: number): void {
    if (this.open !== undefined) {
      this.open.player.eyes = seat;
      this.wordsAt = 0;
    }
  }

  private fillHead(): void {
    const button = (label: string, title: string, press: () => void): HTMLElement => {
      const made = element('button', 'quiet-button', label);
      made.type = 'button';
      made.title = title;
      made.addEventListener('click', press);
      return made;
    };
    const close = element('a', 'icon-button replay-close', '×');
    close.href = '.';
    close.setAttribute('aria-label', 'Close the replay');
    this.head.append(
      this.title,
      button('Open', 'Open a match, or what a player saw in this one', () => this.opener.pick()),
      button('Save', 'Save this match as a file', () => this.save()),
      close,
    );
  }

  private save(): void {
    if (this.open !== undefined) {
      const { name, bytes } = this.open;
      download(name, new Blob([bytes], { type: 'application/octet-stream' }));
    }
  }

  /** Keys that work wherever the focus is, unless something there takes them. */
  private press(event: KeyboardEvent): void {
    const playback = this.open?.player.playback;
    const isTaken = event.target instanceof HTMLElement && event.target.matches('a, button');
    if (playback === undefined || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    switch (event.key) {
      case ' ':
        if (isTaken) {
          return;
        }
        playback.toggle();
        break;
      case 'ArrowLeft':
      case 'ArrowRight':
        if (event.target instanceof HTMLInputElement) {
          return;
        }
        playback.skip(event.key === 'ArrowLeft' ? -1 : 1);
        break;
      case ',':
      case '.':
        playback.step(event.key === ',' ? -1 : 1);
        break;
      case '0':
        this.lookThrough(NOBODY);
        break;
      default:
        return;
    }
    event.preventDefault();
  }
}

/** @throws when the browser has no WebGL. */
async function createScene(canvas: HTMLCanvasElement): Promise<Scene> {
  const isCalm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  await document.fonts.load('600 16px "Outfit Variable"').catch(() => undefined);
  const scene = await Scene.create(canvas, isCalm);
  const resize = (): void => scene.resize(canvas.clientWidth, canvas.clientHeight);
  resize();
  scene.warmUp();
  new ResizeObserver(resize).observe(canvas);
  return scene;
}

function captionOf({ eyes, frame, story: { room } }: Player): string {
  const isElsewhere = eyes !== NOBODY && frame.focus !== eyes && frame.has(frame.focus);
  return isElsewhere
    ? `${room.nameOf(eyes)} is out; the camera follows ${room.nameOf(frame.focus)}.`
    : '';
}

function marksOf({ events }: ViewFile): readonly Mark[] {
  const names = new Map<number, string>();
  const marks: Mark[] = [];
  for (const { tick, event } of events) {
    if (event.kind === 'roster') {
      for (const { seat, name } of event.entries) {
        names.set(seat, name);
      }
    } else if (event.kind === 'eaten') {
      const victim = names.get(event.victim) ?? '';
      const eater = event.eater === undefined ? undefined : (names.get(event.eater) ?? '');
      const title = eater === undefined ? `${victim} withered` : `${eater} ate ${victim}`;
      marks.push({ tick, title });
    }
  }
  return marks;
}

/** Draws the plane and its figures on a canvas. It knows no client. */

/** A figure to be drawn, in pixels of the plane. */
export interface Drawn {
  readonly seat: number;
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly isIt: boolean;
  readonly isOwn: boolean;
  readonly isAway: boolean;
  readonly isProtected: boolean;
}

/** Told apart by colour-blind people as well: Okabe and Ito's, without the orange of who is it. */
const COLOURS = [
  '#56b4e9',
  '#009e73',
  '#f0e442',
  '#cc79a7',
  '#8f9bff',
  '#b8c4d9',
  '#4fd1c5',
  '#e07a5f',
];
const IT = '#ffb02e';
const FLOOR = '#182033';
const LINE = '#232d45';
const EDGE = '#4b5b85';
const INK = '#e8ecf6';
/** Pixels of the plane between two lines. */
const GRID = 128;
/** Where the screen is small, a part of the plane is shown that is not smaller than this. */
const LEAST_SCALE = 0.75;

export class Picture {
  private readonly context: CanvasRenderingContext2D;
  private scale = 1;
  private left = 0;
  private top = 0;

  constructor(private readonly canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d');
    if (context === null) {
      throw new Error('this browser has no canvas');
    }
    this.context = context;
  }

  draw(figures: readonly Drawn[], size: number, radius: number): void {
    this.look(
      figures.find((figure) => figure.isOwn),
      size,
    );
    this.drawFloor(size);
    for (const figure of figures) {
      this.drawFigure(figure, radius);
    }
  }

  /** Where a place of the plane is on the screen. */
  onScreen({ x, y }: { x: number; y: number }): { x: number; y: number } {
    return { x: this.left + x * this.scale, y: this.top + y * this.scale };
  }

  private look(own: Drawn | undefined, size: number): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const density = devicePixelRatio;
    if (this.canvas.width !== width * density || this.canvas.height !== height * density) {
      this.canvas.width = width * density;
      this.canvas.height = height * density;
    }
    this.scale = Math.max(LEAST_SCALE, (Math.min(width, height) - 24) / size);
    const middle = size / 2;
    this.left = this.offset(width, own?.x ?? middle, size);
    this.top = this.offset(height, own?.y ?? middle, size);
    this.context.setTransform(density, 0, 0, density, 0, 0);
    this.context.clearRect(0, 0, width, height);
  }

  /** Shows the whole plane where it fits, and else the part around the own figure. */
  private offset(room: number, place: number, size: number): number {
    const whole = size * this.scale;
    const around = room / 2 - place * this.scale;
    const margin = room * 0.2;
    return whole <= room
      ? (room - whole) / 2
      : Math.min(margin, Math.max(room - whole - margin, around));
  }

  private drawFloor(size: number): void {
    const { context, scale, left, top } = this;
    const whole = size * scale;
    context.fillStyle = FLOOR;
    context.fillRect(left, top, whole, whole);
    context.strokeStyle = LINE;
    context.lineWidth = 1;
    context.beginPath();
    for (let at = GRID * scale; at < whole; at += GRID * scale) {
      context.moveTo(left + at, top);
      context.lineTo(left + at, top + whole);
      context.moveTo(left, top + at);
      context.lineTo(left + whole, top + at);
    }
    context.stroke();
    context.strokeStyle = EDGE;
    context.lineWidth = 3;
    context.strokeRect(left, top, whole, whole);
  }

  private drawFigure(figure: Drawn, radius: number): void {
    const { context, scale } = this;
    const { x, y } = this.onScreen(figure);
    context.globalAlpha = figure.isAway ? 0.35 : 1;
    this.circle(x, y, radius * scale);
    context.fillStyle = COLOURS[figure.seat % COLOURS.length] ?? INK;
    context.fill();
    if (figure.isOwn) {
      context.strokeStyle = INK;
      context.lineWidth = 2;
      context.stroke();
    }
    if (figure.isIt) {
      this.drawPointer(x, y);
      this.drawIt(x, y, radius * scale, figure.isProtected);
    }
    context.font = '600 14px system-ui, sans-serif';
    context.textAlign = 'center';
    context.fillStyle = INK;
    context.fillText(figure.name, x, y - radius * scale - 12);
    context.globalAlpha = 1;
  }

  /** Where on the edge of the screen to look for who is it, if that is outside. */
  private drawPointer(x: number, y: number): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const [atX, atY] = [
      Math.min(Math.max(x, 14), width - 14),
      Math.min(Math.max(y, 14), height - 14),
    ];
    if (atX !== x || atY !== y) {
      this.circle(atX, atY, 8);
      this.context.fillStyle = IT;
      this.context.fill();
    }
  }

  /** A ring and a word: who is it is seen without colour. */
  private drawIt(x: number, y: number, radius: number, isProtected: boolean): void {
    const { context } = this;
    context.setLineDash(isProtected ? [6, 6] : []);
    this.circle(x, y, radius + 5);
    context.strokeStyle = IT;
    context.lineWidth = 5;
    context.stroke();
    context.setLineDash([]);
    context.font = `800 ${Math.max(11, radius * 0.8)}px system-ui, sans-serif`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillStyle = '#10141f';
    context.fillText('IT', x, y);
    context.textBaseline = 'alphabetic';
  }

  private circle(x: number, y: number, radius: number): void {
    this.context.beginPath();
    this.context.arc(x, y, radius, 0, 2 * Math.PI);
  }
}

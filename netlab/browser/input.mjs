// A person's hands: mouse, one finger, and keys, in CSS pixels of the page's view.

export async function mouse(page, { action, x, y }) {
  switch (action) {
    case "move":
      return page.mouse.move(x, y);
    case "down":
      await page.mouse.move(x, y);
      return page.mouse.down();
    case "up":
      await page.mouse.move(x, y);
      return page.mouse.up();
    case "click":
      return page.mouse.click(x, y);
    default:
      throw new Error(`a mouse does not ${action}`);
  }
}

export async function touch(page, { action, x, y }) {
  switch (action) {
    case "start":
      await page.touchscreen.touchStart(x, y);
      return;
    case "move":
      return page.touchscreen.touchMove(x, y);
    case "end":
      return page.touchscreen.touchEnd();
    case "tap":
      return page.touchscreen.tap(x, y);
    default:
      throw new Error(`a finger does not ${action}`);
  }
}

export async function keyboard(page, { action, key }) {
  switch (action) {
    case "down":
      return page.keyboard.down(key);
    case "up":
      return page.keyboard.up(key);
    case "press":
      return page.keyboard.press(key);
    case "type":
      return page.keyboard.type(key);
    default:
      throw new Error(`a keyboard does not ${action}`);
  }
}

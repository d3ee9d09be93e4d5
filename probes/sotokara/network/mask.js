(kept, words, addresses) => {
  // Hides what is hidden wherever the page shows it as text, before it is drawn (a page's own
  // changes are seen before the next frame). Letters and digits become x, so little moves.
  const stays = new Set(kept.map(one => one.toLowerCase()));
  const four = /(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)/g;
  const six = /(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])/g;
  const escaped = words.filter(Boolean).map(one => one.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const named = escaped.length ? new RegExp(escaped.join("|"), "gi") : null;
  const covered = text => text.replace(/[\p{L}\p{N}]/gu, "x");
  const isFour = text => text.split(".").every(one => Number(one) < 256);
  const isSix = text => {
    try { return Boolean(new URL(`http://[${text}]/`)); } catch { return false; }
  };
  const hidden = text => {
    if (named) text = text.replace(named, covered);
    if (!addresses) return text;
    const hide = test => match => (test(match) && !stays.has(match.toLowerCase()) ? covered(match) : match);
    return text.replace(four, hide(isFour)).replace(six, hide(isSix));
  };
  const attributes = ["alt", "title", "placeholder", "value", "label", "aria-label"];
  const one = node => {
    if (node.nodeType === 3) {
      const text = hidden(node.data);
      if (text !== node.data) node.data = text;
      return;
    }
    if (node.nodeType !== 1) return;
    for (const name of attributes) {
      const value = node.getAttribute(name);
      if (value && hidden(value) !== value) node.setAttribute(name, hidden(value));
    }
    if (typeof node.value === "string" && hidden(node.value) !== node.value) node.value = hidden(node.value);
    if (node.shadowRoot) watch(node.shadowRoot);
  };
  const all = root => {
    one(root);
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) one(walk.currentNode);
  };
  const watch = root => {
    all(root);
    new MutationObserver(changes => {
      for (const change of changes) {
        one(change.target);
        for (const node of change.addedNodes) all(node);
      }
    }).observe(root, {subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: attributes});
  };
  watch(document);
}

// A list that a reader can narrow; without a script it is whole, and the browser's own search works.
for (const input of document.querySelectorAll("[data-probe-find]")) {
  const rows = [...document.getElementById(input.dataset.probeFind).tBodies[0].rows]
  const texts = rows.map(row => row.textContent.toLowerCase())
  const said = input.closest("p").querySelector("output")
  input.closest("p").hidden = false
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean)
    let count = 0
    rows.forEach((row, n) => {
      row.hidden = !words.every(word => texts[n].includes(word))
      count += row.hidden ? 0 : 1
    })
    said.textContent = words.length ? `${count} / ${rows.length}` : ""
  })
}

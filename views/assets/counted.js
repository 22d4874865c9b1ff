// Says a sentence with a number in it. The page brings one sentence for each plural
// form of its language, each with a number that asks for that form.
export function counted(box, count) {
  const form = new Intl.PluralRules(document.documentElement.lang).select(count)
  return (box.dataset[form] || box.dataset.other).replace(/\d+/, count.toLocaleString('en'))
}

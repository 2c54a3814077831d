/** A chosen file goes into the text field of its form; without scripts it is pasted there. */
export const readFiles = (root) => {
  for (const field of root.querySelectorAll('[data-read-file]')) {
    const target = document.getElementById(field.dataset.readFile);
    if (target === null) continue;
    field.hidden = false;
    field.querySelector('input').addEventListener('change', async ({ target: { files } }) => {
      if (files[0] !== undefined) target.value = await files[0].text();
    });
  }
};

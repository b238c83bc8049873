// Keeps the numbers of the results page up to date. Without it, or without the WebSocket, the page stays as it is.
const page = document.querySelector('[data-live]');
const counted = (votes) => `${votes} vote${votes === 1 ? '' : 's'}`;
const url = new URL(page.dataset.live, location.href);
url.protocol = url.protocol.replace('http', 'ws');

new WebSocket(url).onmessage = ({ data }) => {
  const results = JSON.parse(data);
  page.querySelector('.total').textContent = `${counted(results.total_votes)} in all`;
  for (const { id, votes } of results.choices) {
    const choice = document.getElementById(`choice-${id}`)?.parentElement;
    if (!choice) continue;
    choice.querySelector('.votes').textContent = counted(votes);
    const bar = choice.querySelector('progress');
    bar.max = results.total_votes || 1;
    bar.value = votes;
  }
};

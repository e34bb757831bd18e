// Prints a line for each stroke and each over-pressure of all tools.
import mqtt from 'mqtt'

const { LIGHTSTROKE_HOST: host, LIGHTSTROKE_PORT: port, LIGHTSTROKE_USER: username, LIGHTSTROKE_PASSWORD: password } = process.env
const client = mqtt.connect({ protocolVersion: 5, host, port, username, password })
client.subscribe(['stroke', 'alert'].map(kind => `lightstroke/v1/+/+/tool/+/${kind}`), { qos: 1 })
client.on('message', (topic, payload) => {
  const [tool, kind] = topic.split('/').slice(5)
  const told = JSON.parse(payload)
  console.log(told.time, tool, kind, kind === 'stroke' ? `${told.peak_N} N, ${told.duration_s} s` : `${told.kind} ${told.phase}`)
})

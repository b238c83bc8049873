import { ApiObject, App, Chart } from 'cdk8s';

const app = new App();
new ApiObject(new Chart(app, 'hello'), 'Hello', { apiVersion: 'v1', kind: 'ConfigMap' });
app.synth();

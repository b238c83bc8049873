import { Distribution } from 'cdk8s-django';
import { HorizontalPodAutoscalers } from 'cdk8s-django/autoscaling';
import { eventually } from '../cluster/support/eventually';
import { ROUTER } from '../cluster/support/manifests';
import { Namespace } from '../cluster/support/namespaces';
import { Polls } from '../cluster/support/polls';
import { needsOperator } from './operator';

const polls = new Polls(new Namespace('polls-recommendations'));

beforeAll(async () => {
  await needsOperator('The VerticalPodAutoscaler', 'kube-system', 'vpa-recommender');
  await polls.deploy({
    distribution: Distribution.upstream({
      gatewayClassName: 'contour',
      clusterIssuer: 'letsencrypt',
      routerNamespaceLabels: ROUTER,
      autoscaling: new HorizontalPodAutoscalers({ verticalPodAutoscaler: true }),
    }),
    recommendResources: true,
  });
});
afterAll(() => polls.namespace.remove());

test('recommends resources for the server, and changes nothing', async () => {
  const [before] = await polls.webPods();

  const recommended = await eventually(
    'there is a recommendation',
    async () => {
      const { status } = await polls.namespace.get('verticalpodautoscaler', 'polls');
      return status.recommendation.containerRecommendations;
    },
    { namespace: polls.namespace.name, seconds: 240 },
  );

  expect(recommended).toEqual([
    expect.objectContaining({
      containerName: 'web',
      target: { cpu: expect.any(String), memory: expect.any(String) },
    }),
  ]);
  const [after] = await polls.webPods();
  expect([after.metadata.uid, after.spec]).toEqual([before.metadata.uid, before.spec]);
});

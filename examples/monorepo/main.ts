import { join } from 'node:path';
import { Distribution } from 'cdk8s-django';
import { Fleet } from 'cdk8s-django/fleet';

// A file of applications/ is an application. Run this file itself: `cdk8s synth` would write all files anew.
new Fleet({
  distributions: [
    Distribution.eks({
      certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
      loadBalancerCidrs: ['10.0.0.0/20', '10.0.16.0/20'],
    }),
    Distribution.openshift(),
  ],
  folder: join(__dirname, 'applications'),
}).synthesize();

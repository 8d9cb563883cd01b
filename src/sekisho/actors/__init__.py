"""Who acts: keys of humans and services, what each role may do, proposals and approvals."""

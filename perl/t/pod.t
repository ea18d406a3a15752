# The documentation is clean, and has every function; the MANIFEST every file.
use strict;
use warnings;
use lib 't/lib';
use ExtUtils::Manifest ();
use Pod::Checker ();
use Test::More;
use FlowdTest;
use Flowd;
use Flowd::Query;
use Flowd::Writer;

for my $module (qw(Flowd Flowd::Query Flowd::Writer)) {
    my $path = 'lib/' . $module =~ s{::}{/}gr . '.pm';
    my $text = '';
    open my $out, '>', \$text or die;
    my $checker = Pod::Checker->new(-warnings => 2, -quiet => 0);
    $checker->parse_from_file($path, $out);
    is($checker->num_errors, 0, "$path has no error") or diag $text;
    is($checker->num_warnings, 0, "$path has no warning") or diag $text;

    my ($pod) = slurp($path) =~ /^__END__$(.*)/ms;
    no strict 'refs';
    my @functions = grep {
        defined &{"${module}::$_"} && !/\A_/ && !/\A(?:croak|bootstrap)\z/
    } sort keys %{"${module}::"};
    cmp_ok(scalar @functions, '>', 5, "$module has functions");
    for my $name (grep { !/\A(?:CLONE|CLONE_SKIP|DESTROY)\z/ } @functions) {
        like($pod, qr/\b\Q$name\E\b/, "$path describes $name");
    }
}

is_deeply([ExtUtils::Manifest::manicheck()], [], 'MANIFEST has no other file');
my @files = map { @{$_} } [glob '*.c *.h *.xs'], [glob 't/*.t'];
my $manifest = ExtUtils::Manifest::maniread();
is_deeply([grep { !exists $manifest->{$_} && $_ ne 'Flowd.c' } @files], [],
    'MANIFEST has every file');
done_testing();
